package compat

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/hcp-sdk-go/auth"
	"github.com/hashicorp/hcp-sdk-go/auth/workload"
	iam "github.com/hashicorp/hcp-sdk-go/clients/cloud-iam/stable/2019-12-10/client/iam_service"
	"github.com/hashicorp/hcp-sdk-go/config"
)

const fromMain = "jwt_claims.ref == `refs/heads/main`"

func TestAWorkloadIdentityProviderIsMadeReadChangedAndDeleted(t *testing.T) {
	t.Parallel()
	principal := createPrincipal(t, "project/"+owner.project)
	name := unique("provider")
	made := createProvider(t, principal, name, &Provider{
		ConditionalAccess: fromMain, Description: "CI of one repository",
		OidcConfig: &OIDC{IssuerURI: "https://issuer.example", AllowedAudiences: []string{"waybill"}},
	})
	equal(t, "resource_name", made.ResourceName, principal.ResourceName+"/workload-identity-provider/"+name)
	equal(t, "parts of the resource_name", len(strings.Split(made.ResourceName, "/")), 7)
	equal(t, "resource_id is there", made.ResourceID != "", true)
	wantRecent(t, "created_at", *made.CreatedAt)
	check := func(what string, p *Provider, description, issuer string, audiences []string) {
		t.Helper()
		equal(t, what+": resource_name", p.ResourceName, made.ResourceName)
		equal(t, what+": resource_id", p.ResourceID, made.ResourceID)
		equal(t, what+": conditional_access", p.ConditionalAccess, fromMain)
		equal(t, what+": description", p.Description, description)
		if p.OidcConfig == nil || p.AwsConfig != nil {
			t.Fatalf("%s: not one oidc_config: %s", what, compact(p))
		}
		equal(t, what+": issuer_uri", p.OidcConfig.IssuerURI, issuer)
		equal(t, what+": allowed_audiences", p.OidcConfig.AllowedAudiences, audiences)
	}
	check("made", made, "CI of one repository", "https://issuer.example", []string{"waybill"})
	check("read", getProvider(t, made.ResourceName), "CI of one repository", "https://issuer.example", []string{"waybill"})

	// Without a mask the whole provider is replaced: the description goes.
	changed := must(t, owner, owner.principals.ServicePrincipalsServiceUpdateWorkloadIdentityProvider, UpdateProvider{
		ProviderResourceName: made.ResourceName,
		Provider: ProviderChanges{
			ConditionalAccess: fromMain,
			OidcConfig:        &OIDC{IssuerURI: "https://other.example", AllowedAudiences: []string{"one", "two"}},
		},
	}).Provider
	check("changed", changed, "", "https://other.example", []string{"one", "two"})
	check("read again", getProvider(t, made.ResourceName), "", "https://other.example", []string{"one", "two"})

	refused(t, alreadyExists, owner, owner.principals.ServicePrincipalsServiceCreateWorkloadIdentityProvider, CreateProvider{
		ParentResourceName: principal.ResourceName,
		Body: NewProvider{Name: name, Provider: &Provider{
			ConditionalAccess: fromMain, OidcConfig: &OIDC{IssuerURI: "https://issuer.example"},
		}},
	})

	must(t, owner, owner.principals.ServicePrincipalsServiceDeleteWorkloadIdentityProvider, DeleteProvider{ResourceName4: made.ResourceName})
	refused(t, notFound, owner, owner.principals.ServicePrincipalsServiceGetWorkloadIdentityProvider, GetProvider{ResourceName2: made.ResourceName})
	refused(t, notFound, owner, owner.principals.ServicePrincipalsServiceDeleteWorkloadIdentityProvider, DeleteProvider{ResourceName4: made.ResourceName})
}

func TestAProviderOfAWS(t *testing.T) {
	t.Parallel()
	principal := createPrincipal(t, "project/"+owner.project)
	condition := "aws.arn matches `^arn:aws:sts::123456789012:assumed-role/builder/`"
	made := createProvider(t, principal, unique("aws"), &Provider{
		ConditionalAccess: condition, AwsConfig: &AWS{AccountID: "123456789012"},
	})
	for what, p := range map[string]*Provider{"made": made, "read": getProvider(t, made.ResourceName)} {
		if p.AwsConfig == nil || p.OidcConfig != nil {
			t.Fatalf("%s: not one aws_config: %s", what, compact(p))
		}
		equal(t, what+": account_id", p.AwsConfig.AccountID, "123456789012")
		equal(t, what+": conditional_access", p.ConditionalAccess, condition)
	}
	changed := must(t, owner, owner.principals.ServicePrincipalsServiceUpdateWorkloadIdentityProvider, UpdateProvider{
		ProviderResourceName: made.ResourceName,
		Provider:             ProviderChanges{ConditionalAccess: condition, AwsConfig: &AWS{AccountID: "210987654321"}},
	}).Provider
	equal(t, "account_id, changed", changed.AwsConfig.AccountID, "210987654321")

	// A request that is signed for somewhere else is not even sent: the server connects to Amazon only.
	for _, url := range []string{shared.url, "http://127.0.0.1:1", "https://sts.amazonaws.com.example.com"} {
		refused(t, either{invalidArgument, unauthenticated, permissionDenied}, owner,
			owner.principals.ServicePrincipalsServiceExchangeWorkloadIdentityToken, Exchange{
				ResourceName: made.ResourceName,
				Token: &SubjectToken{AwsGetCallerIDToken: &SignedAWSRequest{
					Method: "POST", URL: url + "?Action=GetCallerIdentity&Version=2011-06-15",
					Headers: map[string]string{"X-Hcp-Workload-Identity-Provider": made.ResourceName},
				}},
			})
	}
}

func TestAProviderOfNonsenseIsRefused(t *testing.T) {
	t.Parallel()
	principal := createPrincipal(t, "project/"+owner.project)
	oidc := &OIDC{IssuerURI: "https://issuer.example"}
	aws := &AWS{AccountID: "123456789012"}
	for what, p := range map[string]*Provider{
		"no kind":                      {ConditionalAccess: fromMain},
		"two kinds":                    {ConditionalAccess: fromMain, OidcConfig: oidc, AwsConfig: aws},
		"no condition":                 {OidcConfig: oidc},
		"a condition of nonsense":      {ConditionalAccess: "jwt_claims.ref ==", OidcConfig: oidc},
		"a condition that is too long": {ConditionalAccess: "jwt_claims.ref == `" + strings.Repeat("a", 512) + "`", OidcConfig: oidc},
		"no issuer":                    {ConditionalAccess: fromMain, OidcConfig: &OIDC{}},
		"an issuer that is no URL":     {ConditionalAccess: fromMain, OidcConfig: &OIDC{IssuerURI: "issuer"}},
		"an account that is none":      {ConditionalAccess: "aws.arn != ``", AwsConfig: &AWS{AccountID: "12"}},
	} {
		_, err := call(owner, owner.principals.ServicePrincipalsServiceCreateWorkloadIdentityProvider, CreateProvider{
			ParentResourceName: principal.ResourceName, Body: NewProvider{Name: unique("provider"), Provider: p},
		})
		if err == nil {
			t.Errorf("%s was accepted", what)
			continue
		}
		wantCode(t, err, invalidArgument)
	}
	refused(t, notFound, owner, owner.principals.ServicePrincipalsServiceCreateWorkloadIdentityProvider, CreateProvider{
		ParentResourceName: principal.ResourceName + "-not",
		Body:               NewProvider{Name: "provider", Provider: &Provider{ConditionalAccess: fromMain, OidcConfig: oidc}},
	})
	// Providers belong to principals of a project.
	of := createPrincipal(t, "organization/"+owner.organization)
	refused(t, either{invalidArgument, failedPrecondition}, owner, owner.principals.ServicePrincipalsServiceCreateWorkloadIdentityProvider,
		CreateProvider{
			ParentResourceName: of.ResourceName,
			Body:               NewProvider{Name: "provider", Provider: &Provider{ConditionalAccess: fromMain, OidcConfig: oidc}},
		})
}

func TestATokenOfAnIssuerIsExchanged(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	principal, p := providerOf(t, i, "waybill")
	good := map[string]any{"aud": "waybill", "ref": "refs/heads/main"}
	answer := must(t, owner, owner.principals.ServicePrincipalsServiceExchangeWorkloadIdentityToken, Exchange{
		ResourceName: p.ResourceName, Token: &SubjectToken{JwtToken: i.token(good)},
	})
	equal(t, "access_token is there", answer.AccessToken != "", true)
	equal(t, "expires_in is worth a cache", 60 < answer.ExpiresIn, true)
	s := withToken(t, answer.AccessToken)
	equal(t, "id of the caller", callerID(t, s), principal.ID)

	// Without its provider the token is worth nothing.
	must(t, owner, owner.principals.ServicePrincipalsServiceDeleteWorkloadIdentityProvider, DeleteProvider{ResourceName4: p.ResourceName})
	refused(t, unauthenticated, s, s.iam.IamServiceGetCallerIdentity, iam.IamServiceGetCallerIdentityParams{})
}

func TestATokenThatDoesNotFitIsNotExchanged(t *testing.T) {
	t.Parallel()
	i, other := newIssuer(t), newIssuer(t)
	_, p := providerOf(t, i, "waybill")
	past := time.Now().Add(-time.Hour).Unix()
	good := func(changes map[string]any) map[string]any {
		claims := map[string]any{"aud": "waybill", "ref": "refs/heads/main"}
		for name, value := range changes {
			claims[name] = value
		}
		return claims
	}
	for what, token := range map[string]string{
		"nonsense":                     "nonsense",
		"nothing":                      "",
		"another branch":               i.token(good(map[string]any{"ref": "refs/heads/other"})),
		"no branch":                    i.token(map[string]any{"aud": "waybill"}),
		"another audience":             i.token(good(map[string]any{"aud": "somebody-else"})),
		"an audience that is ours":     i.token(good(map[string]any{"aud": p.ResourceName})),
		"a token of yesterday":         i.token(good(map[string]any{"exp": past})),
		"a token of tomorrow":          i.token(good(map[string]any{"nbf": time.Now().Add(time.Hour).Unix()})),
		"another issuer":               other.token(good(nil)),
		"another issuer's key":         other.token(good(map[string]any{"iss": i.url})),
		"a token without a signature":  i.unsigned(good(map[string]any{"iss": i.url, "sub": "x", "exp": time.Now().Add(time.Hour).Unix()})),
		"a token that was altered":     altered(i.token(good(nil))),
		"a token that never runs out":  i.token(good(map[string]any{"exp": nil})),
		"one of the registry's tokens": tokenOf(t, owner),
	} {
		answer, err := call(owner, owner.principals.ServicePrincipalsServiceExchangeWorkloadIdentityToken, Exchange{
			ResourceName: p.ResourceName, Token: &SubjectToken{JwtToken: token},
		})
		if err == nil {
			t.Errorf("%s was exchanged: %s", what, compact(answer.ExpiresIn))
			continue
		}
		wantCode(t, err, either{invalidArgument, permissionDenied, unauthenticated})
	}
	refused(t, either{notFound, unauthenticated}, owner, owner.principals.ServicePrincipalsServiceExchangeWorkloadIdentityToken, Exchange{
		ResourceName: p.ResourceName + "-not", Token: &SubjectToken{JwtToken: i.token(good(nil))},
	})
}

// With no audience given, the provider's own name is the only one.
func TestTheDefaultAudienceIsTheProvider(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	principal, p := providerOf(t, i)
	claims := map[string]any{"aud": []string{"somebody", p.ResourceName}, "ref": "refs/heads/main"}
	answer := must(t, owner, owner.principals.ServicePrincipalsServiceExchangeWorkloadIdentityToken, Exchange{
		ResourceName: p.ResourceName, Token: &SubjectToken{JwtToken: i.token(claims)},
	})
	equal(t, "id of the caller", callerID(t, withToken(t, answer.AccessToken)), principal.ID)
	claims["aud"] = "waybill"
	refused(t, either{permissionDenied, unauthenticated}, owner, owner.principals.ServicePrincipalsServiceExchangeWorkloadIdentityToken,
		Exchange{ResourceName: p.ResourceName, Token: &SubjectToken{JwtToken: i.token(claims)}})
}

// The SDK's own way: it exchanges the token itself, without a login, and works as the principal.
func TestTheSDKLogsInAsAWorkload(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	metadata := func(token string) *httptest.Server {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Metadata") != "True" {
				w.WriteHeader(http.StatusForbidden)
				return
			}
			json.NewEncoder(w).Encode(map[string]string{"access_token": token})
		}))
		t.Cleanup(server.Close)
		return server
	}
	for what, source := range map[string]func(token string) *workload.IdentityProviderConfig{
		"token": func(token string) *workload.IdentityProviderConfig {
			return &workload.IdentityProviderConfig{Token: &workload.CredentialTokenSource{Token: token}}
		},
		"file": func(token string) *workload.IdentityProviderConfig {
			return &workload.IdentityProviderConfig{File: &workload.FileCredentialSource{Path: writeFile(t, "token", token)}}
		},
		"service of the machine": func(token string) *workload.IdentityProviderConfig {
			return &workload.IdentityProviderConfig{URL: &workload.URLCredentialSource{
				URL: metadata(token).URL, Headers: map[string]string{"Metadata": "True"},
				CredentialFormat: workload.CredentialFormat{
					Type: workload.FormatTypeJSON, SubjectCredentialPointer: "/access_token",
				},
			}}
		},
		"member of a file": func(token string) *workload.IdentityProviderConfig {
			return &workload.IdentityProviderConfig{File: &workload.FileCredentialSource{
				Path: writeFile(t, "token.json", `{"value": "`+token+`"}`),
				CredentialFormat: workload.CredentialFormat{
					Type: workload.FormatTypeJSON, SubjectCredentialPointer: "/value",
				},
			}}
		},
	} {
		t.Run(what, func(t *testing.T) {
			principal, p := providerOf(t, i, "waybill")
			token := i.token(map[string]any{"aud": "waybill", "ref": "refs/heads/main"})
			cfg := source(token)
			cfg.ProviderResourceName = p.ResourceName
			s := with(t, config.WithClientCredentials("", ""), config.WithWorkloadIdentity(cfg))
			equal(t, "id of the caller", callerID(t, s), principal.ID)
		})
	}
}

func TestACredentialFileLogsInAsAWorkload(t *testing.T) {
	// The variables belong to the process, so that nothing else runs beside this test.
	i := newIssuer(t)
	principal, p := providerOf(t, i, "waybill")
	text, err := json.Marshal(auth.CredentialFile{
		Scheme: auth.CredentialFileSchemeWorkload,
		Workload: &workload.IdentityProviderConfig{
			ProviderResourceName: p.ResourceName,
			EnvironmentVariable:  &workload.EnvironmentVariableCredentialSource{Var: "CI_TOKEN"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("CI_TOKEN", i.token(map[string]any{"aud": "waybill", "ref": "refs/heads/main"}))
	t.Setenv("HCP_CRED_FILE", writeFile(t, "cred_file.json", string(text)))
	t.Setenv("HCP_CLIENT_ID", "")
	t.Setenv("HCP_CLIENT_SECRET", "")
	s, err := sessionFromEnvironment()
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "id of the caller", callerID(t, s), principal.ID)

	// The other scheme of the file, by the same variable.
	made := createPrincipal(t, "organization/"+owner.organization)
	key, secret := newKey(t, made)
	text, err = json.Marshal(auth.CredentialFile{
		Scheme: auth.CredentialFileSchemeServicePrincipal,
		Oauth:  &auth.OauthConfig{ClientID: key.ClientID, ClientSecret: secret},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("HCP_CRED_FILE", writeFile(t, "cred_file.json", string(text)))
	if s, err = sessionFromEnvironment(); err != nil {
		t.Fatal(err)
	}
	equal(t, "id of the caller with a key", callerID(t, s), made.ID)
}

func createProvider(t *testing.T, of *ServicePrincipal, name string, p *Provider) *Provider {
	t.Helper()
	made := must(t, owner, owner.principals.ServicePrincipalsServiceCreateWorkloadIdentityProvider, CreateProvider{
		ParentResourceName: of.ResourceName, Body: NewProvider{Name: name, Provider: p},
	}).Provider
	if made == nil {
		t.Fatal("provider is absent")
	}
	return made
}

func getProvider(t *testing.T, resourceName string) *Provider {
	t.Helper()
	return must(t, owner, owner.principals.ServicePrincipalsServiceGetWorkloadIdentityProvider, GetProvider{ResourceName2: resourceName}).Provider
}

// providerOf is a new principal that tokens of the issuer for the main branch stand for.
func providerOf(t *testing.T, i *issuer, audiences ...string) (*ServicePrincipal, *Provider) {
	t.Helper()
	principal := createPrincipal(t, "project/"+owner.project)
	return principal, createProvider(t, principal, unique("provider"), &Provider{
		ConditionalAccess: fromMain, OidcConfig: &OIDC{IssuerURI: i.url, AllowedAudiences: audiences},
	})
}

func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
