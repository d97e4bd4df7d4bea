a=1
bbb = 2 # c

block   "x"{
   y=<<EOT
  text
EOT
z = [1,
2]
}
