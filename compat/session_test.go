package compat

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"testing"

	"github.com/go-openapi/runtime"
	groups "github.com/hashicorp/hcp-sdk-go/clients/cloud-iam/stable/2019-12-10/client/groups_service"
	iam "github.com/hashicorp/hcp-sdk-go/clients/cloud-iam/stable/2019-12-10/client/iam_service"
	principals "github.com/hashicorp/hcp-sdk-go/clients/cloud-iam/stable/2019-12-10/client/service_principals_service"
	operations "github.com/hashicorp/hcp-sdk-go/clients/cloud-operation/stable/2020-05-05/client/operation_service"
	packer2021 "github.com/hashicorp/hcp-sdk-go/clients/cloud-packer-service/stable/2021-04-30/client/packer_service"
	packer "github.com/hashicorp/hcp-sdk-go/clients/cloud-packer-service/stable/2023-01-01/client/packer_service"
	organizations "github.com/hashicorp/hcp-sdk-go/clients/cloud-resource-manager/stable/2019-12-10/client/organization_service"
	projects "github.com/hashicorp/hcp-sdk-go/clients/cloud-resource-manager/stable/2019-12-10/client/project_service"
	resources "github.com/hashicorp/hcp-sdk-go/clients/cloud-resource-manager/stable/2019-12-10/client/resource_service"
	webhooks "github.com/hashicorp/hcp-sdk-go/clients/cloud-webhook/stable/2023-05-31/client/webhook_service"
	"github.com/hashicorp/hcp-sdk-go/config"
	"github.com/hashicorp/hcp-sdk-go/httpclient"
	"github.com/hashicorp/hcp-sdk-go/profile"
	"golang.org/x/oauth2"
)

// A session is one principal, logged in through the SDK, in one project.
// The operations of the registry are its own methods; those of other services have a field each.
type session struct {
	packer.ClientService
	packer2021    packer2021.ClientService
	organizations organizations.ClientService
	projects      projects.ClientService
	operations    operations.ClientService
	resources     resources.ClientService
	iam           iam.ClientService
	groups        groups.ClientService
	principals    principals.ClientService
	webhooks      webhooks.ClientService

	config       config.HCPConfig
	organization string
	project      string
}

// sessionFromEnvironment logs in the way packer and terraform do: from the variables that `waybill env` prints.
func sessionFromEnvironment() (*session, error) {
	cfg, err := config.NewHCPConfig(config.FromEnv(), config.WithoutBrowserLogin())
	if err != nil {
		return nil, err
	}
	return newSession(cfg)
}

// newSession makes the SDK's clients for a configuration, in the project of its profile.
func newSession(cfg config.HCPConfig) (*session, error) {
	var transport runtime.ClientTransport
	transport, err := httpclient.New(httpclient.Config{HCPConfig: cfg, SourceChannel: "waybill-compat"})
	if err != nil {
		return nil, err
	}
	return &session{
		ClientService: packer.New(transport, nil),
		packer2021:    packer2021.New(transport, nil),
		organizations: organizations.New(transport, nil),
		projects:      projects.New(transport, nil),
		operations:    operations.New(transport, nil),
		resources:     resources.New(transport, nil),
		iam:           iam.New(transport, nil),
		groups:        groups.New(transport, nil),
		principals:    principals.New(transport, nil),
		webhooks:      webhooks.New(transport, nil),
		config:        cfg,
		organization:  cfg.Profile().OrganizationID,
		project:       cfg.Profile().ProjectID,
	}, nil
}

// with is a session on the shared server with other options than the environment's, for example another key.
func with(t *testing.T, options ...config.HCPConfigOption) *session {
	t.Helper()
	options = append([]config.HCPConfigOption{config.FromEnv(), config.WithoutBrowserLogin()}, options...)
	cfg, err := config.NewHCPConfig(options...)
	if err != nil {
		t.Fatal(err)
	}
	s, err := newSession(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// withToken is a session that has only an access token.
func withToken(t *testing.T, token string) *session {
	t.Helper()
	return with(t, config.WithTokenSource(oauth2.StaticTokenSource(&oauth2.Token{AccessToken: token})))
}

// session logs in at this server, which need not be the one that the process's environment names.
// The roots are the certificates of the bundle that `waybill env` printed, checked as ever.
func (s *server) session(t *testing.T) *session {
	t.Helper()
	env := s.environment
	roots := &tls.Config{RootCAs: s.roots(t)}
	return with(t,
		config.WithClientCredentials(env["HCP_CLIENT_ID"], env["HCP_CLIENT_SECRET"]),
		config.WithAuth(env["HCP_AUTH_URL"], roots),
		config.WithAPI(env["HCP_API_ADDRESS"], roots),
		config.WithProfile(&profile.UserProfile{
			OrganizationID: env["HCP_ORGANIZATION_ID"],
			ProjectID:      env["HCP_PROJECT_ID"],
		}),
	)
}

func (s *server) roots(t *testing.T) *x509.CertPool {
	t.Helper()
	bundle, err := os.ReadFile(s.environment["SSL_CERT_FILE"])
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(bundle) {
		t.Fatalf("no certificate in %s", s.environment["SSL_CERT_FILE"])
	}
	return roots
}

// in is the same principal in another project.
func (s *session) in(project string) *session {
	other := *s
	other.project = project
	return &other
}

// own asks Waybill's own API, for the few things that HCP's has no operation for.
func (s *session) own(t *testing.T, method, path string, request, answer any) {
	t.Helper()
	token, err := s.config.Token()
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	call, err := http.NewRequestWithContext(t.Context(), method, "https://"+s.config.APIAddress()+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	call.Header.Set("Authorization", "Bearer "+token.AccessToken)
	call.Header.Set("Content-Type", "application/json")
	status, text := send(t, call)
	if status != http.StatusOK {
		t.Fatalf("%s %s %s: HTTP %d: %s", method, path, body, status, text)
	}
	if err := json.Unmarshal(text, answer); err != nil {
		t.Fatalf("%s %s: %v: %s", method, path, err, text)
	}
}

// send does one HTTP request with the process's trusted roots.
func send(t *testing.T, request *http.Request) (status int, body []byte) {
	t.Helper()
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err = io.ReadAll(answer.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", request.Method, request.URL, err)
	}
	return answer.StatusCode, body
}

// principal makes a principal with a role, on the whole project or on one bucket of it, and logs it in.
func (s *session) principal(t *testing.T, role, bucket string) *session {
	t.Helper()
	request := map[string]string{"name": unique(role), "role": role, "project_id": s.project}
	if bucket != "" {
		request["bucket"] = bucket
	}
	var made struct {
		ClientID     string `json:"client_id"`
		ClientSecret string `json:"client_secret"`
	}
	s.own(t, http.MethodPost, fmt.Sprintf("/api/v1/organizations/%s/principals", s.organization), request, &made)
	return with(t, config.WithClientCredentials(made.ClientID, made.ClientSecret)).in(s.project)
}
