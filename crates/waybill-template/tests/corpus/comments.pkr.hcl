# A line
// another line
/* a block
   of lines */
locals { # behind a brace
  a = 1  // behind a value
  /* before */ b /* a name */ = /* a value */ 2
  c = [ # in a list
    1, // one
    /* two */ 2
  ] # behind it
  d = {
    # in an object
    x = 1 # one
    // nothing more
  }
  e = (1 + # in parentheses
  2)
} # at the end

/**/
# without a line break
