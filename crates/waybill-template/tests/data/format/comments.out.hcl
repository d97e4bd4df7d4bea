#top
// second
a   = 1   #one
bb  = 22  // two
ccc = 333 # three


/* a block
 over lines */
block { # behind a brace
  x = 1 # a
  # alone
  yy = 2 /* in line */ # b
  list = [             # behind a bracket
    1,                 # first
    22,                # second
  ]                    // closed
}
last = 1 /* at the end */