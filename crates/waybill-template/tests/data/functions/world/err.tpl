a
${  foo.bar.baz }
${foo[0]} ${upper("a"}