%{ if true ~}
  a
%{ endif ~}
