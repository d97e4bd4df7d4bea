a
${a}
b