package compat

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What TestMain made: the server that all tests share and its owner's session.
var (
	shared *server
	owner  *session
)

// TestMain starts one server on a fresh data folder, gives this process the environment that
// `waybill env` prints, runs the tests, and stops the server. A server that does not stop cleanly on
// SIGTERM fails the run.
func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	folder, err := os.MkdirTemp("", "waybill-compat-")
	if err != nil {
		return failed(err)
	}
	defer os.RemoveAll(folder)

	shared, err = startServer(filepath.Join(folder, "data"))
	if err != nil {
		return failed(err)
	}
	code := 1
	if err := enter(shared, filepath.Join(folder, "home")); err != nil {
		failed(err)
	} else if owner, err = sessionFromEnvironment(); err != nil {
		failed(err)
	} else {
		code = m.Run()
	}
	if err := shared.stop(); err != nil {
		code = failed(err)
	}
	if code == 0 && wholeSuite() {
		if missing, err := uncalledOperations(); err != nil {
			code = failed(err)
		} else if 0 < len(missing) {
			code = failed(fmt.Errorf("operations of the SDK that no test called: %s", strings.Join(missing, ", ")))
		}
	}
	if code != 0 {
		fmt.Fprintf(os.Stderr, "server log, last lines:\n%s\n", shared.logTail())
	}
	return code
}

// enter makes this process one that `waybill env` has set up: its variables and nothing else of HCP's, and
// a home of its own, because the SDK keeps access tokens there. Go reads SSL_CERT_FILE at the first TLS
// connection of a process, which has not happened yet.
func enter(s *server, home string) error {
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); isClientVariable(name) {
			os.Unsetenv(name)
		}
	}
	for name, value := range s.environment {
		os.Setenv(name, value)
	}
	os.Setenv("HOME", home)
	return os.MkdirAll(home, 0o700)
}

// wholeSuite tells whether this run was asked for every test.
func wholeSuite() bool {
	for _, name := range []string{"test.run", "test.skip", "test.list"} {
		if f := flag.Lookup(name); f != nil && f.Value.String() != "" {
			return false
		}
	}
	return true
}

func failed(err error) int {
	fmt.Fprintf(os.Stderr, "compat: %v\n", err)
	return 1
}
