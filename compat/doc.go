// Package compat holds tests only: the official HCP SDK for Go against a real `waybill serve`.
//
// The SDK is what `packer` and the Terraform provider are built on, so an operation that works here works
// for them as far as encoding, routing, login and errors go. The same tests run on two releases of the
// SDK: go.mod names the one inside Packer 1.14.3, newest.mod the newest one. What only the newest release
// can ask is in files with the build tag `newest`. README.md says how to run them.
//
// Reading order: main_test.go (what a run does), call_test.go (how a test asks and expects),
// fixtures_test.go (buckets, versions and builds in one line each), then a file per resource. issuer_test.go
// and browser_test.go play whom the registry meets: a CI that signs tokens, a person who logs in.
package compat
