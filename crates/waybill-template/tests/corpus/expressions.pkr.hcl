locals {
  arithmetic = 1 + 2 * 3 - 4 / 5 % 6
  signs      = -1 - -var.a
  logic      = !var.a && var.b || var.c == 1 && var.d != "x"
  order      = 1 < 2 == (3 >= 4)
  numbers    = [0, 1.5, 1e3, 2.5E-7, 123456789012345678901234567890]
  keywords   = [true, false, null]
  condition  = var.a ? "yes" : var.b ? "maybe" : "no"
  lines = (
    var.a
    ? var.b
    : var.c
  )

  index    = var.list[0].name["key"][var.i + 1]
  old      = var.list.0.name
  splat    = var.list[*].tags["a"]
  old_star = var.list.*.name
  deep     = var.a.b[*].c[*].d

  list   = [for x in var.list : upper(x) if x != ""]
  pairs  = [for k, v in var.map : "${k}=${v}"]
  object = { for k, v in var.map : k => v }
  groups = { for p in var.people : p.team => p.name... if p.active }

  calls = {
    none  = timestamp()
    some  = max(1, 2, 3)
    many  = max(var.numbers...)
    inner = join(",", [for s in split(" ", "a b"): trimspace(s)])
  }

  keys = {
    bare       = 1
    "quoted"   = 2
    (var.name) = 3
    "${var.a}-b" : 4
    5 = 5, true = 6
    a-b = 7
  }
}
