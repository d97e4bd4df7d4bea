name    = "web"
count   = 3
enabled = true
nothing = null
zones   = ["a", "b"]
tags = {
  env  = "test"
  cost = { center = "4711", share = 0.5 }
}
