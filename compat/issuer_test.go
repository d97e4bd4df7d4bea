package compat

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// An issuer of OpenID Connect tokens, such as a CI has: it says where its keys are, and signs claims.
type issuer struct {
	t   *testing.T
	url string
	key *rsa.PrivateKey
}

const keyID = "the only one"

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	i := &issuer{t: t, key: key}
	server := httptest.NewServer(http.HandlerFunc(i.serve))
	t.Cleanup(server.Close)
	i.url = server.URL
	return i
}

func (i *issuer) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	switch r.URL.Path {
	case "/.well-known/openid-configuration":
		json.NewEncoder(w).Encode(map[string]any{
			"issuer": i.url, "jwks_uri": i.url + "/keys",
			"id_token_signing_alg_values_supported": []string{"RS256"},
			"response_types_supported":              []string{"id_token"},
			"subject_types_supported":               []string{"public"},
		})
	case "/keys":
		exponent := big.NewInt(int64(i.key.E)).Bytes()
		json.NewEncoder(w).Encode(map[string]any{"keys": []any{map[string]string{
			"kty": "RSA", "use": "sig", "alg": "RS256", "kid": keyID,
			"n": encode(i.key.N.Bytes()), "e": encode(exponent),
		}}})
	default:
		http.NotFound(w, r)
	}
}

// token signs claims; issuer, times and a subject are there unless the claims say otherwise.
func (i *issuer) token(claims map[string]any) string {
	i.t.Helper()
	now := time.Now()
	all := map[string]any{
		"iss": i.url, "sub": "repo:example/images", "iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(time.Hour).Unix(),
	}
	for name, value := range claims {
		all[name] = value
	}
	signed := encodeJSON(i.t, map[string]any{"alg": "RS256", "typ": "JWT", "kid": keyID}) + "." + encodeJSON(i.t, all)
	digest := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, i.key, crypto.SHA256, digest[:])
	if err != nil {
		i.t.Fatal(err)
	}
	return signed + "." + encode(signature)
}

// unsigned is a token that says of itself that nobody has signed it.
func (i *issuer) unsigned(claims map[string]any) string {
	i.t.Helper()
	return encodeJSON(i.t, map[string]any{"alg": "none", "typ": "JWT"}) + "." + encodeJSON(i.t, claims) + "."
}

func encode(bytes []byte) string { return base64.RawURLEncoding.EncodeToString(bytes) }

func encodeJSON(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return encode(text)
}
