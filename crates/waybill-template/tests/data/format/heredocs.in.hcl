a=<<EOT
  kept   as   is
	${ x }   ${y}
%{ if z }
    in
%{ endif }
   EOT
bb=<<-END
      flush
    $${ x }
    END
c=[<<EOT
x
EOT
,<<EOT
y
EOT
]
block {
d = <<EOT
 ${ foo(
      x,
    y
) }
 EOT
  eee = 1
f=foo(<<EOT
a
EOT
)
}
