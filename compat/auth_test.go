package compat

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/hcp-sdk-go/auth"
	iam "github.com/hashicorp/hcp-sdk-go/clients/cloud-iam/stable/2019-12-10/client/iam_service"
	principals "github.com/hashicorp/hcp-sdk-go/clients/cloud-iam/stable/2019-12-10/client/service_principals_service"
	"github.com/hashicorp/hcp-sdk-go/config"
	"golang.org/x/oauth2"
)

func TestAWrongSecretIsAnInvalidClient(t *testing.T) {
	t.Parallel()
	id, secret := shared.environment["HCP_CLIENT_ID"], shared.environment["HCP_CLIENT_SECRET"]
	for what, s := range map[string]*session{
		// Another id than the shared one each time: the SDK's cache of tokens knows that.
		"a wrong secret of a known client": with(t, config.WithClientCredentials(keyOf(t), altered(secret))),
		"an unknown client":                with(t, config.WithClientCredentials(altered(id), secret)),
		"a client like HCP's":              with(t, config.WithClientCredentials("4edd6521-6eb9-4d78-9039-7ce8569d667c", "secret")),
	} {
		_, err := call(s, s.PackerServiceGetRegistry, GetRegistry{})
		if err == nil {
			t.Errorf("%s was accepted", what)
		} else if !strings.Contains(err.Error(), "invalid_client") {
			t.Errorf("%s: the error is %v, want invalid_client in it", what, err)
		}
	}
}

func TestATokenThatIsNotOursIsUnauthenticated(t *testing.T) {
	t.Parallel()
	token, err := owner.config.Token()
	if err != nil {
		t.Fatal(err)
	}
	for what, text := range map[string]string{
		"nonsense":              "nonsense",
		"an altered token":      altered(token.AccessToken),
		"an unsigned token":     token.AccessToken[:strings.LastIndex(token.AccessToken, ".")+1],
		"a token without a key": "eyJhbGciOiJub25lIn0.e30.",
	} {
		s := withToken(t, text)
		t.Run(what, func(t *testing.T) {
			refused(t, unauthenticated, s, s.PackerServiceGetRegistry, GetRegistry{})
		})
	}
}

func TestARequestWithoutATokenIsUnauthenticated(t *testing.T) {
	t.Parallel()
	for _, path := range []string{
		"/packer/2023-01-01/organizations/" + owner.organization + "/projects/" + owner.project + "/registry",
		"/resource-manager/2019-12-10/organizations",
		"/iam/2019-12-10/caller-identity",
	} {
		status, body := get(t, shared.url+path)
		wantErrorBody(t, path, status, body, unauthenticated)
	}
}

func TestAnUnknownPathIsAnsweredInJSON(t *testing.T) {
	t.Parallel()
	status, body := get(t, shared.url+"/packer/2023-01-01/organizations/x/projects/y/nonsense")
	var answer struct{ Code int32 }
	if err := json.Unmarshal(body, &answer); err != nil || answer.Code == 0 || status/100 == 2 {
		t.Errorf("HTTP %d %q, want an error with a code, in JSON", status, body)
	}
}

func TestATokenOutlivesARestartAndIsWorthNothingElsewhere(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	first := startForTest(t, data)
	before := first.session(t)
	b := before.newBucket(t)
	b.complete("fp-1")
	token := tokenOf(t, before)

	elsewhere := with(t, config.WithTokenSource(oauth2.StaticTokenSource(&oauth2.Token{AccessToken: token})))
	refused(t, unauthenticated, elsewhere, elsewhere.iam.IamServiceGetCallerIdentity, iam.IamServiceGetCallerIdentityParams{})

	if err := first.stop(); err != nil {
		t.Fatal(err)
	}
	second := startForTest(t, data)
	defer func() {
		if err := second.stop(); err != nil {
			t.Error(err)
		}
	}()
	for _, name := range []string{"HCP_CLIENT_ID", "HCP_CLIENT_SECRET", "HCP_ORGANIZATION_ID", "HCP_PROJECT_ID"} {
		equal(t, name+" after a restart", second.environment[name], first.environment[name])
	}
	after := second.session(t)
	equal(t, "the SDK takes the token from its cache", tokenOf(t, after), token)
	equal(t, "version after the restart", b.as(after).version("fp-1").Name, "v1")
}

func TestTheServerIsKnownByItsAuthorityOnly(t *testing.T) {
	t.Parallel()
	other := startForTest(t, filepath.Join(t.TempDir(), "data"))
	defer func() {
		if err := other.stop(); err != nil {
			t.Error(err)
		}
	}()
	// The process trusts the shared server's authority and the system's, not the other server's.
	answer, err := http.Get(other.url + "/healthz")
	if err == nil {
		answer.Body.Close()
		t.Error("a server of another installation passed for a trusted one")
	}
	equal(t, "client ids of two installations are the same",
		other.environment["HCP_CLIENT_ID"] == shared.environment["HCP_CLIENT_ID"], false)
}

func TestACredentialFileLogsIn(t *testing.T) {
	t.Parallel()
	made := createPrincipal(t, "organization/"+owner.organization)
	key := must(t, owner, owner.principals.ServicePrincipalsServiceCreateServicePrincipalKey,
		principals.ServicePrincipalsServiceCreateServicePrincipalKeyParams{ParentResourceName: made.ResourceName})
	file := filepath.Join(t.TempDir(), "cred_file.json")
	text, err := json.Marshal(auth.CredentialFile{
		Scheme: auth.CredentialFileSchemeServicePrincipal,
		Oauth:  &auth.OauthConfig{ClientID: key.Key.ClientID, ClientSecret: key.ClientSecret},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	s := with(t, config.WithClientCredentials("", ""), config.WithCredentialFilePath(file))
	equal(t, "id of the caller", callerID(t, s), made.ID)
}

func TestTheSDKFillsInOrganizationAndProject(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	s := *owner
	s.organization, s.project = "", "" // the path has `organizations//projects//`, which the profile fills
	read := must(t, &s, s.PackerServiceGetBucket, GetBucket{BucketName: b.name}).Bucket
	equal(t, "bucket.location.project_id", read.Location.ProjectID, owner.project)
}

// keyOf is the client id of a new principal that nobody has logged in with.
func keyOf(t *testing.T) string {
	t.Helper()
	made := createPrincipal(t, "organization/"+owner.organization)
	key, _ := createKey(t, made)
	return key.ClientID
}

func tokenOf(t *testing.T, s *session) string {
	t.Helper()
	token, err := s.config.Token()
	if err != nil {
		t.Fatal(err)
	}
	return token.AccessToken
}

func startForTest(t *testing.T, data string) *server {
	t.Helper()
	s, err := startServer(data)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.process.Process.Kill() }) // no effect once it has stopped
	return s
}

func wantErrorBody(t *testing.T, what string, status int, body []byte, want code) {
	t.Helper()
	var answer struct {
		Code    code
		Message string
	}
	if err := json.Unmarshal(body, &answer); err != nil || answer.Code != want || status != statusOf[want] || answer.Message == "" {
		t.Errorf("%s: HTTP %d %q, want HTTP %d and code %d with a message", what, status, body, statusOf[want], want)
	}
}
