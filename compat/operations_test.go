package compat

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// The document of the services around the registry, against which the server's answers are checked too.
var platformDocument = filepath.Join("..", "crates", "waybill-api", "tests", "openapi", "platform.yaml")

// An operation of the document begins with its id. The SDK's method and the release that has it may follow;
// logging in is no method of a client.
var (
	documentedOperation = regexp.MustCompile(`(?m)^ +operationId: (\S+)$`)
	sdkMethod           = regexp.MustCompile(`(?m)^ +x-go-func: (\S+)$`)
	sdkRelease          = regexp.MustCompile(`(?m)^ +x-in-sdk-since: (.+)$`)
)

// exercised takes note of an operation that is no method of a client, by its id in the document.
func exercised(id string) { called.Store(id, true) }

// uncalledPlatformOperations are the documented operations that this release of the SDK can ask for and no
// test has asked for.
func uncalledPlatformOperations() ([]string, error) {
	text, err := os.ReadFile(platformDocument)
	if err != nil {
		return nil, err
	}
	found := documentedOperation.FindAllSubmatchIndex(text, -1)
	if len(found) == 0 {
		return nil, fmt.Errorf("%s: no operation found", platformDocument)
	}
	var missing []string
	for i, at := range found {
		id, rest := string(text[at[2]:at[3]]), text[at[1]:]
		if i+1 < len(found) {
			rest = text[at[1]:found[i+1][0]]
		}
		name := id
		if method := sdkMethod.FindSubmatch(rest); method != nil {
			name = string(method[1])
		}
		since := sdkRelease.FindSubmatch(rest)
		later := since != nil && strings.HasPrefix(string(since[1]), "after")
		if _, done := called.Load(name); !done && (newestSDK || !later) {
			missing = append(missing, id)
		}
	}
	return missing, nil
}
