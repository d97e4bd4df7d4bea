variable "a" {
  default = "x"
}

locals {
  b = <<EOT
one
  two
EOT
  c = [
    1,
  ] # end
}
