package compat

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const (
	// A first start makes keys and certificates, on a machine that may be building something else.
	startLimit = 60 * time.Second
	stopLimit  = 30 * time.Second
)

// A server is one run of `waybill serve` and what `waybill env` says about it.
type server struct {
	data        string
	url         string            // https://127.0.0.1:PORT
	environment map[string]string // HCP_CLIENT_ID, SSL_CERT_FILE, …

	process *exec.Cmd
	log     string        // file with its stderr
	drained chan struct{} // closed when its stdout has ended
	extra   []string      // lines on stdout after the first
}

// startServer runs `waybill serve` on a data folder and a free port until it says that it is ready.
func startServer(data string) (*server, error) {
	program, err := waybill()
	if err != nil {
		return nil, err
	}
	s := &server{data: data, log: data + ".log", drained: make(chan struct{})}
	if err := os.MkdirAll(filepath.Dir(data), 0o700); err != nil {
		return nil, err
	}
	log, err := os.OpenFile(s.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	s.process = exec.Command(program, "serve", "--data", data, "--listen", "127.0.0.1:0")
	// Issuers, receivers and callbacks of the tests are on this machine, where the server connects to nobody
	// without being told.
	s.process.Env = append(serverEnvironment(), "WAYBILL_EGRESS_ALLOW=127.0.0.1")
	s.process.Stderr = log
	stdout, err := s.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.process.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", s.process, err)
	}

	ready := make(chan string, 1)
	go func() {
		defer close(s.drained)
		lines := bufio.NewScanner(stdout)
		if lines.Scan() {
			ready <- lines.Text()
		}
		close(ready)
		for lines.Scan() {
			s.extra = append(s.extra, lines.Text())
		}
	}()
	var line string
	select {
	case line = <-ready:
	case <-time.After(startLimit):
	}
	url, found := strings.CutPrefix(line, "ready at https://")
	if !found {
		s.process.Process.Kill()
		s.process.Wait()
		return nil, fmt.Errorf("%s: first line on stdout is %q, want `ready at https://ADDRESS:PORT`; its log:\n%s",
			s.process, line, s.logTail())
	}
	s.url = "https://" + url
	if s.environment, err = readEnvironment(program, data); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

// stop sends SIGTERM and wants exit code 0, in time, with nothing more on stdout than the line at the start.
func (s *server) stop() error {
	if err := s.process.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("SIGTERM to the server: %w; its log:\n%s", err, s.logTail())
	}
	late := time.AfterFunc(stopLimit, func() { s.process.Process.Kill() })
	<-s.drained
	err := s.process.Wait()
	if !late.Stop() {
		return fmt.Errorf("the server was still running %s after SIGTERM; its log:\n%s", stopLimit, s.logTail())
	}
	if err != nil {
		return fmt.Errorf("the server did not exit with 0 after SIGTERM: %w; its log:\n%s", err, s.logTail())
	}
	if 0 < len(s.extra) {
		return fmt.Errorf("the server printed more than one line on stdout: %q", s.extra)
	}
	return nil
}

// logTail is the end of what the server wrote to stderr.
func (s *server) logTail() string {
	const most = 4000
	text, err := os.ReadFile(s.log)
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-most):])
}

// readEnvironment asks `waybill env` what a client of the data folder's server needs.
func readEnvironment(program, data string) (map[string]string, error) {
	command := exec.Command(program, "env", "--data", data, "--format", "json")
	command.Env = serverEnvironment()
	output, err := command.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return nil, fmt.Errorf("%s: %w: %s", command, err, exit.Stderr)
		}
		return nil, fmt.Errorf("%s: %w", command, err)
	}
	variables := map[string]string{}
	if err := json.Unmarshal(output, &variables); err != nil {
		return nil, fmt.Errorf("%s: want one JSON object of strings: %w: %s", command, err, output)
	}
	for _, name := range []string{
		"HCP_CLIENT_ID", "HCP_CLIENT_SECRET", "HCP_ORGANIZATION_ID", "HCP_PROJECT_ID",
		"HCP_AUTH_URL", "HCP_API_ADDRESS", "SSL_CERT_FILE", "HCP_SKIP_STATUS_CHECK",
	} {
		if variables[name] == "" {
			return nil, fmt.Errorf("%s: no %s in %s", command, name, output)
		}
	}
	for _, name := range []string{"HCP_AUTH_TLS", "HCP_API_TLS"} {
		if value, set := variables[name]; set {
			return nil, fmt.Errorf("%s: %s=%s weakens TLS without being asked", command, name, value)
		}
	}
	return variables, nil
}

// waybill is the program under test.
func waybill() (string, error) {
	program := os.Getenv("WAYBILL_BIN")
	if program == "" {
		return "", errors.New("WAYBILL_BIN is not set: it names the waybill program to test, see README.md")
	}
	if _, err := exec.LookPath(program); err != nil {
		return "", fmt.Errorf("WAYBILL_BIN: %w", err)
	}
	return filepath.Abs(program)
}

// serverEnvironment is this process's environment less what belongs to clients and to other installations.
func serverEnvironment() []string {
	var kept []string
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		if !isClientVariable(name) && !strings.HasPrefix(name, "WAYBILL_") {
			kept = append(kept, variable)
		}
	}
	return kept
}

func isClientVariable(name string) bool {
	return strings.HasPrefix(name, "HCP_") || strings.HasPrefix(name, "SSL_CERT_")
}
