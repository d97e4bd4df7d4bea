a   = 1
bbb = "two"
cc  = { x = 1 }
open = {
  x   = 1
  yyy = 2 # inside
  zz = [1,
  2]
}
after     = 1
long_name = 2

apart = 3
# a comment between
next           = 4
/* before */ f = 1
gg             = 2
é              = 1
名前             = 2
ée             = 3
ffff           = 4
