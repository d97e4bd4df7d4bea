a{}
a"b"{}
a "b""c"   {}
a b   c {
}
a   b "c"{ x=1 }
