package compat

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	iam "github.com/hashicorp/hcp-sdk-go/clients/cloud-iam/stable/2019-12-10/client/iam_service"
	"github.com/hashicorp/hcp-sdk-go/config"
)

// Go's client first sends a key in the header, and after any refusal in the form.
func TestAKeyLogsInFromTheHeaderAndFromTheForm(t *testing.T) {
	t.Parallel()
	exercised("OAuth2_Token")
	id, secret := shared.environment["HCP_CLIENT_ID"], shared.environment["HCP_CLIENT_SECRET"]
	form := url.Values{"grant_type": {"client_credentials"}, "audience": {"https://api.hashicorp.cloud"}}
	request := func(values url.Values, user, password string) (int, map[string]any) {
		t.Helper()
		call, err := http.NewRequestWithContext(t.Context(), http.MethodPost, shared.url+"/oauth2/token", strings.NewReader(values.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		call.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if user != "" {
			call.SetBasicAuth(url.QueryEscape(user), url.QueryEscape(password))
		}
		status, body := send(t, call)
		answer := map[string]any{}
		if err := json.Unmarshal(body, &answer); err != nil {
			t.Fatalf("HTTP %d %s", status, body)
		}
		return status, answer
	}
	inForm := url.Values{"client_id": {id}, "client_secret": {secret}}
	for name, values := range form {
		inForm[name] = values
	}
	for what, attempt := range map[string]func() (int, map[string]any){
		"header": func() (int, map[string]any) { return request(form, id, secret) },
		"form":   func() (int, map[string]any) { return request(inForm, "", "") },
	} {
		status, answer := attempt()
		equal(t, what+": status", status, http.StatusOK)
		equal(t, what+": token_type", answer["token_type"], any("bearer"))
		equal(t, what+": expires_in", answer["expires_in"], any(float64(3600)))
		token, _ := answer["access_token"].(string)
		equal(t, what+": caller", callerID(t, withToken(t, token)), callerID(t, owner))
	}
	status, answer := request(form, id, altered(secret))
	equal(t, "status with a wrong secret", status, http.StatusUnauthorized)
	equal(t, "error with a wrong secret", answer["error"], any("invalid_client"))
	status, answer = request(url.Values{"grant_type": {"nonsense"}}, id, secret)
	equal(t, "status of another grant", status, http.StatusBadRequest)
	equal(t, "error of another grant", answer["error"], any("unsupported_grant_type"))
}

func TestAPersonLogsInWithTheSDK(t *testing.T) {
	// The SDK listens on one port and keeps its tokens in the home of the process, so that nothing else runs
	// beside this test.
	p := owner.person(t, "contributor")
	home := t.TempDir()
	opened := filepath.Join(home, "opened")
	writeProgram(t, filepath.Join(home, "xdg-open"), "#!/bin/sh\nprintf %s \"$1\" > "+opened+".new && mv "+opened+".new "+opened+"\n")
	t.Setenv("PATH", home+string(os.PathListSeparator)+os.Getenv("PATH"))
	t.Setenv("HOME", home)
	t.Setenv("HCP_CLIENT_ID", "")
	t.Setenv("HCP_CLIENT_SECRET", "")

	cfg, err := config.NewHCPConfig(config.FromEnv())
	if err != nil {
		t.Fatal(err)
	}
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		answerLogin(t, opened, p)
	}()
	token, err := cfg.Token()
	if err != nil {
		t.Fatalf("the SDK's login: %v", err)
	}
	<-answered
	s, err := newSession(cfg)
	if err != nil {
		t.Fatal(err)
	}
	caller := must(t, s, s.iam.IamServiceGetCallerIdentity, iam.IamServiceGetCallerIdentityParams{}).Principal
	equal(t, "principal.type", word(caller.Type), "PRINCIPAL_TYPE_USER")
	equal(t, "principal.id", caller.ID, p.id)
	if caller.User == nil {
		t.Fatal("principal.user is absent")
	}
	equal(t, "principal.user.email", caller.User.Email, p.email)
	b := s.in(owner.project).newBucket(t)
	equal(t, "version that the person published", b.complete("fp-1").Name, "v1")

	// What the SDK has kept is enough for another program, and for one that comes when the token has run out.
	equal(t, "token from the cache", tokenOf(t, fromHome(t)), token.AccessToken)
	expireCachedLogin(t, home)
	logged := time.Now().Unix()
	eventually(t, "a token of now can be told from the first one", func() (bool, string) {
		return logged < time.Now().Unix(), "the same second"
	})
	refreshed := fromHome(t)
	equal(t, "token is another one after a refresh", tokenOf(t, refreshed) != token.AccessToken, true)
	equal(t, "caller after a refresh", callerID(t, refreshed), p.id)

	// Who is gone is logged out.
	owner.own(t, http.MethodDelete, "/api/v1/organizations/"+owner.organization+"/users/"+p.id, nil, &struct{}{})
	refused(t, unauthenticated, refreshed, refreshed.iam.IamServiceGetCallerIdentity, iam.IamServiceGetCallerIdentityParams{})
}

// answerLogin is the person in front of the browser that the SDK opens.
func answerLogin(t *testing.T, opened string, p person) {
	var address []byte
	eventually(t, "the SDK has opened a browser", func() (bool, string) {
		var err error
		address, err = os.ReadFile(opened)
		return err == nil, "nothing opened"
	})
	back := newBrowser(t).allow(string(address), p)
	// The SDK begins to listen after it has opened the browser.
	eventually(t, "the SDK has been told", func() (bool, string) {
		answer, err := http.Get(back.String())
		if err != nil {
			return false, err.Error()
		}
		answer.Body.Close()
		return answer.StatusCode == http.StatusOK, answer.Status
	})
}

// fromHome is a program that finds a login in its home and must not ask for another.
func fromHome(t *testing.T) *session {
	t.Helper()
	cfg, err := config.NewHCPConfig(config.FromEnv(), config.WithoutBrowserLogin())
	if err != nil {
		t.Fatal(err)
	}
	s, err := newSession(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func expireCachedLogin(t *testing.T, home string) {
	t.Helper()
	path := filepath.Join(home, ".config", "hcp", "creds-cache.json")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	cache := map[string]map[string]any{}
	if err := json.Unmarshal(text, &cache); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	cache["login"]["access_token_expiry"] = time.Now().Add(-time.Minute).UTC().Format(time.RFC3339)
	if text, err = json.Marshal(cache); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestAProgramThatNobodyKnowsIsSentNowhere(t *testing.T) {
	t.Parallel()
	for what, query := range map[string]url.Values{
		"an unknown program":     {"client_id": {"nonsense"}, "redirect_uri": {"http://localhost:8443/oidc/callback"}},
		"a program elsewhere":    {"client_id": {sdkClient}, "redirect_uri": {"https://example.com/oidc/callback"}},
		"a program without back": {"client_id": {sdkClient}},
	} {
		query.Set("response_type", "code")
		query.Set("state", "s")
		p := newBrowser(t).open(shared.url + "/oauth2/auth?" + query.Encode())
		equal(t, what+": status", p.status, http.StatusBadRequest)
	}
	status, body := postForm(t, shared.url+"/oauth2/token", url.Values{
		"grant_type": {"authorization_code"}, "code": {"nonsense"}, "client_id": {sdkClient},
		"redirect_uri": {"http://localhost:8443/oidc/callback"},
	})
	var answer struct{ Error string }
	if err := json.Unmarshal(body, &answer); err != nil || status != http.StatusBadRequest || answer.Error != "invalid_grant" {
		t.Errorf("a code of nonsense: HTTP %d %s, want 400 and invalid_grant", status, body)
	}
}

func writeProgram(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
}
