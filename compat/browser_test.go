package compat

import (
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// A person, with a password.
type person struct {
	id, email, name, password string
}

// person makes somebody with a role on the organization, or with none.
func (s *session) person(t *testing.T, role string) person {
	t.Helper()
	name := unique("ada-")
	p := person{email: name + "@example.com", name: "Ada " + name, password: "a password of " + name}
	body := map[string]string{"email": p.email, "full_name": p.name}
	if role != "" {
		body["role"] = role
	}
	var made struct {
		User struct{ ID string }
	}
	users := "/api/v1/organizations/" + s.organization + "/users"
	s.own(t, http.MethodPost, users, body, &made)
	p.id = made.User.ID
	s.own(t, http.MethodPut, users+"/"+p.id+"/password", map[string]string{"password": p.password}, &struct{}{})
	return p
}

// A browser keeps cookies and follows redirections, but not to another host: that is somebody's program.
type browser struct {
	t      *testing.T
	client *http.Client
}

// A page is what a browser got last: an HTML page, or the address of a program.
type page struct {
	address *url.URL // of the page, or where the browser was sent
	status  int
	text    string
}

func newBrowser(t *testing.T) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar, CheckRedirect: func(next *http.Request, via []*http.Request) error {
		if next.URL.Host != via[0].URL.Host || 10 < len(via) {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	return &browser{t: t, client: client}
}

func (b *browser) open(address string) page {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, address, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.do(request)
}

// submit fills in the one form that a page has and that goes somewhere, and presses a button.
func (b *browser) submit(p page, action string, fields map[string]string) page {
	b.t.Helper()
	form := regexp.MustCompile(`(?s)<form[^>]*action="` + action + `"[^>]*>(.*?)</form>`).FindStringSubmatch(p.text)
	if form == nil {
		b.t.Fatalf("no form for %s on %s, HTTP %d:\n%s", action, p.address, p.status, p.text)
	}
	values := url.Values{}
	for _, input := range regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)"`).FindAllStringSubmatch(form[1], -1) {
		values.Set(input[1], html.UnescapeString(input[2]))
	}
	for name, value := range fields {
		values.Set(name, value)
	}
	target, err := p.address.Parse(action)
	if err != nil {
		b.t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, target.String(), strings.NewReader(values.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Origin", target.Scheme+"://"+target.Host)
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(request)
}

func (b *browser) do(request *http.Request) page {
	b.t.Helper()
	answer, err := b.client.Do(request)
	if err != nil {
		b.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	address := answer.Request.URL
	if location, err := answer.Location(); err == nil {
		address = location
	}
	return page{address: address, status: answer.StatusCode, text: string(text)}
}

// allow logs in where a program has sent the browser, and lets the program act; it returns the address of the
// program that the browser is sent back to.
func (b *browser) allow(address string, p person) *url.URL {
	b.t.Helper()
	login := b.open(address)
	consent := b.submit(login, "/login", map[string]string{"email": p.email, "password": p.password})
	if consent.status != http.StatusOK {
		b.t.Fatalf("after the login: HTTP %d at %s:\n%s", consent.status, consent.address, consent.text)
	}
	exercised("OAuth2_Authorize")
	return b.submit(consent, "/oauth2/consent", map[string]string{"decision": "allow"}).address
}

// The program that the SDK is, as it introduces itself at the login.
const sdkClient = "4edd6521-6eb9-4d78-9039-7ce8569d667c"

// logIn is the session of a person, got as a program would get it.
func (s *session) logIn(t *testing.T, p person) *session {
	t.Helper()
	origin := "https://" + s.config.APIAddress()
	redirect := "http://localhost:8443/oidc/callback"
	back := newBrowser(t).allow(origin+"/oauth2/auth?"+url.Values{
		"response_type": {"code"}, "client_id": {sdkClient}, "redirect_uri": {redirect},
		"scope": {"openid offline_access"}, "state": {"a state"}, "access_type": {"offline"},
		"audience": {"https://api.hashicorp.cloud"},
	}.Encode(), p)
	equal(t, "where the browser is sent", strings.HasPrefix(back.String(), redirect+"?"), true)
	equal(t, "state", back.Query().Get("state"), "a state")
	status, body := postForm(t, origin+"/oauth2/token", url.Values{
		"grant_type": {"authorization_code"}, "code": {back.Query().Get("code")},
		"redirect_uri": {redirect}, "client_id": {sdkClient},
	})
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(body, &answer); err != nil || status != http.StatusOK || answer.AccessToken == "" {
		t.Fatalf("exchange of the code: HTTP %d %s", status, body)
	}
	return withToken(t, answer.AccessToken).in(s.project)
}

// postForm sends a form as a program does that is no browser.
func postForm(t *testing.T, address string, values url.Values) (status int, body []byte) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(values.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return send(t, request)
}
