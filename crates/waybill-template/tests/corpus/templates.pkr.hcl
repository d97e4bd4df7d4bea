locals {
  plain   = "nothing in it"
  empty   = ""
  wrapped = "${var.list}"
  mixed   = "a ${var.a} b ${var.b}c"
  nested  = "x${"y${"z${1 + 1}"}"}"
  escapes = "tab\tquote\"back\\ \u00e9 \U0001F600 $${not} %%{it} $5 100%"
  trimmed = "  ${~ var.a ~}  !"
  yes_no  = "%{ if var.yes }yes%{ else }no%{ endif }"
  joined  = "%{ for i, x in var.list }${i}=${x};%{ endfor }"

  script = <<EOT
#!/bin/sh
echo "${var.a}" $HOME $${HOME}
%{ for user in var.users ~}
useradd ${user.name}
%{ endfor ~}
EOT

  flush = <<-END
    first
      second ${var.a}

    %{ if var.yes ~}
    third
    %{ else ~}
    fourth
    %{ endif ~}
    END

  in_list = [<<-A
    one
    A
    , <<B
two
B
  ]
}
