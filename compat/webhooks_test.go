package compat

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

const (
	versionEvents = "hashicorp.packer.version"
	hmacKey       = "a key of the tests"
)

// A receiver of events: it keeps what it was sent and answers with a status.
type receiver struct {
	url      string
	mutex    sync.Mutex
	status   int
	received []delivery
}

type delivery struct {
	signature string
	body      []byte
	event     event
}

// An event as it is sent.
type event struct {
	Source string `json:"event_source"`
	Action string `json:"event_action"`
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{status: http.StatusOK}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, err := io.ReadAll(request.Body)
		r.mutex.Lock()
		defer r.mutex.Unlock()
		d := delivery{signature: request.Header.Get("X-HCP-Webhook-Signature"), body: body}
		if err == nil && request.Method == http.MethodPost && json.Unmarshal(body, &d.event) == nil {
			r.received = append(r.received, d)
		}
		w.WriteHeader(r.status)
	}))
	t.Cleanup(server.Close)
	r.url = server.URL + "/hook"
	return r
}

func (r *receiver) answer(status int) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.status = status
}

func (r *receiver) deliveries() []delivery {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return slices.Clone(r.received)
}

func TestAWebhookIsMadeReadChangedRenamedAndDeleted(t *testing.T) {
	t.Parallel()
	s := newProject(t)
	name := unique("hook")
	made := s.createWebhook(t, NewWebhook{
		Name: name, Description: "events", Enabled: to(false),
		Config:        &WebhookConfig{URL: "https://receiver.invalid/hook", HmacKey: hmacKey},
		Subscriptions: []*Subscription{subscription("create", "complete")},
	})
	equal(t, "resource_name", made.ResourceName, fmt.Sprintf("webhook/project/%s/geo/us/webhook/%s", s.project, name))
	equal(t, "resource_id is there", made.ResourceID != "", true)
	wantRecent(t, "created_at", made.CreatedAt)
	check := func(what string, w *Webhook, description, url string, actions ...string) {
		t.Helper()
		equal(t, what+": resource_id", w.ResourceID, made.ResourceID)
		equal(t, what+": description", w.Description, description)
		equal(t, what+": enabled", w.Enabled, false)
		if w.Config == nil {
			t.Fatalf("%s: config is absent: clients dereference it", what)
		}
		equal(t, what+": config.url", w.Config.URL, url)
		equal(t, what+": config.hmac_key is never told", w.Config.HmacKey, "")
		equal(t, what+": subscriptions", actionsOf(w), actions)
	}
	check("made", made, "events", "https://receiver.invalid/hook", "create", "complete")
	check("read", s.getWebhook(t, made.ResourceName), "events", "https://receiver.invalid/hook", "create", "complete")
	refused(t, alreadyExists, s, s.webhooks.WebhookServiceCreateWebhook, CreateWebhook{
		ParentResourceName: "project/" + s.project,
		Body:               &NewWebhook{Name: name, Enabled: to(false), Config: &WebhookConfig{URL: "https://receiver.invalid/"}},
	})

	// The provider sends the whole configuration and no subscriptions beside what the mask names.
	changed := s.changeWebhook(t, made.ResourceName, "description", &Webhook{
		Description: "other", Config: &WebhookConfig{URL: "https://somewhere.invalid/"}, Subscriptions: []*Subscription{},
	})
	check("described", changed, "other", "https://receiver.invalid/hook", "create", "complete")
	changed = s.changeWebhook(t, made.ResourceName, "config,subscriptions", &Webhook{
		Config:        &WebhookConfig{URL: "https://other.invalid/"},
		Subscriptions: []*Subscription{subscription("*")},
	})
	check("configured", changed, "other", "https://other.invalid/", "*")
	for _, mask := range []string{"config.url", "description"} {
		changed = s.changeWebhook(t, made.ResourceName, mask, &Webhook{
			Description: "third", Config: &WebhookConfig{URL: "https://third.invalid/"},
		})
	}
	check("by parts", changed, "third", "https://third.invalid/", "*")

	other := unique("hook")
	renamed := must(t, s, s.webhooks.WebhookServiceUpdateWebhookName, UpdateWebhookName{
		ResourceName: made.ResourceName, Body: &WebhookName{Name: other},
	}).Webhook
	equal(t, "resource_name, renamed", renamed.ResourceName, fmt.Sprintf("webhook/project/%s/geo/us/webhook/%s", s.project, other))
	check("renamed", s.getWebhook(t, renamed.ResourceName), "third", "https://third.invalid/", "*")
	refused(t, notFound, s, s.webhooks.WebhookServiceGetWebhook, GetWebhook{ResourceName: made.ResourceName})

	must(t, s, s.webhooks.WebhookServiceDeleteWebhook, DeleteWebhook{ResourceName: renamed.ResourceName})
	refused(t, notFound, s, s.webhooks.WebhookServiceGetWebhook, GetWebhook{ResourceName: renamed.ResourceName})
	refused(t, notFound, s, s.webhooks.WebhookServiceDeleteWebhook, DeleteWebhook{ResourceName: renamed.ResourceName})
}

func TestAWebhookIsEnabledWhenItsReceiverAgrees(t *testing.T) {
	t.Parallel()
	s := newProject(t)
	r := newReceiver(t)
	made := s.createWebhook(t, NewWebhook{
		Name: unique("hook"), Enabled: to(true), Config: &WebhookConfig{URL: r.url, HmacKey: hmacKey},
		Subscriptions: []*Subscription{subscription("*")},
	})
	equal(t, "enabled", made.Enabled, true)
	received := r.deliveries()
	if len(received) != 1 {
		t.Fatalf("the receiver was asked %d times, want once", len(received))
	}
	equal(t, "source of the test event", received[0].event.Source, "hashicorp.webhook.verification")
	equal(t, "action of the test event", received[0].event.Action, "test")
	signed(t, received[0])
}

func TestAWebhookWhoseReceiverDeclinesIsNotEnabled(t *testing.T) {
	t.Parallel()
	s := newProject(t)
	r := newReceiver(t)
	r.answer(http.StatusForbidden)
	name := unique("hook")
	create := CreateWebhook{
		ParentResourceName: "project/" + s.project,
		Body:               &NewWebhook{Name: name, Enabled: to(true), Config: &WebhookConfig{URL: r.url}},
	}
	wantVerification(t, refused(t, failedPrecondition, s, s.webhooks.WebhookServiceCreateWebhook, create))
	resourceName := fmt.Sprintf("webhook/project/%s/geo/us/webhook/%s", s.project, name)
	refused(t, notFound, s, s.webhooks.WebhookServiceGetWebhook, GetWebhook{ResourceName: resourceName})

	create.Body.Enabled = to(false)
	must(t, s, s.webhooks.WebhookServiceCreateWebhook, create)
	enable := UpdateWebhook{ResourceName: resourceName, Body: &WebhookChanges{
		UpdateMask: "description,enabled", Webhook: &Webhook{Description: "not applied either", Enabled: true},
	}}
	wantVerification(t, refused(t, failedPrecondition, s, s.webhooks.WebhookServiceUpdateWebhook, enable))
	read := s.getWebhook(t, resourceName)
	equal(t, "enabled after the refusal", read.Enabled, false)
	equal(t, "description after the refusal", read.Description, "")

	r.answer(http.StatusNoContent)
	equal(t, "enabled", must(t, s, s.webhooks.WebhookServiceUpdateWebhook, enable).Webhook.Enabled, true)

	// Another receiver of an enabled webhook is asked too.
	declining := newReceiver(t)
	declining.answer(http.StatusInternalServerError)
	wantVerification(t, refused(t, failedPrecondition, s, s.webhooks.WebhookServiceUpdateWebhook, UpdateWebhook{
		ResourceName: resourceName,
		Body:         &WebhookChanges{UpdateMask: "config", Webhook: &Webhook{Config: &WebhookConfig{URL: declining.url}}},
	}))
	equal(t, "config.url after the refusal", s.getWebhook(t, resourceName).Config.URL, r.url)
}

func TestAWebhookOfNonsenseIsRefused(t *testing.T) {
	t.Parallel()
	s := newProject(t)
	for what, body := range map[string]*NewWebhook{
		"no name":             {Config: &WebhookConfig{URL: "https://receiver.invalid/"}},
		"no destination":      {Name: unique("hook"), Config: &WebhookConfig{}},
		"no configuration":    {Name: unique("hook")},
		"a destination of no": {Name: unique("hook"), Config: &WebhookConfig{URL: "receiver"}},
		"another scheme":      {Name: unique("hook"), Config: &WebhookConfig{URL: "file:///etc/passwd"}},
	} {
		body.Enabled = to(false)
		_, err := call(s, s.webhooks.WebhookServiceCreateWebhook, CreateWebhook{ParentResourceName: "project/" + s.project, Body: body})
		if err == nil {
			t.Errorf("%s was accepted", what)
			continue
		}
		wantCode(t, err, invalidArgument)
	}
	// The server connects to nothing inside without being told.
	for _, url := range []string{"https://169.254.169.254/latest/meta-data/", "https://10.0.0.1/", "https://[::1]:7080/"} {
		refused(t, either{invalidArgument, failedPrecondition}, s, s.webhooks.WebhookServiceCreateWebhook, CreateWebhook{
			ParentResourceName: "project/" + s.project,
			Body:               &NewWebhook{Name: unique("hook"), Enabled: to(true), Config: &WebhookConfig{URL: url}},
		})
	}
}

func TestOnlyWhoManagesAProjectManagesItsWebhooks(t *testing.T) {
	t.Parallel()
	s := newProject(t)
	made := s.createWebhook(t, NewWebhook{
		Name: unique("hook"), Enabled: to(false), Config: &WebhookConfig{URL: "https://receiver.invalid/"},
	})
	contributor := s.principal(t, "contributor", "")
	refused(t, permissionDenied, contributor, contributor.webhooks.WebhookServiceCreateWebhook, CreateWebhook{
		ParentResourceName: "project/" + s.project,
		Body:               &NewWebhook{Name: unique("hook"), Enabled: to(false), Config: &WebhookConfig{URL: "https://receiver.invalid/"}},
	})
	refused(t, permissionDenied, contributor, contributor.webhooks.WebhookServiceDeleteWebhook, DeleteWebhook{ResourceName: made.ResourceName})
	admin := s.principal(t, "admin", "")
	equal(t, "webhook as an admin sees it", admin.getWebhook(t, made.ResourceName).ResourceID, made.ResourceID)
	must(t, admin, admin.webhooks.WebhookServiceDeleteWebhook, DeleteWebhook{ResourceName: made.ResourceName})
}

func (s *session) createWebhook(t *testing.T, body NewWebhook) *Webhook {
	t.Helper()
	made := must(t, s, s.webhooks.WebhookServiceCreateWebhook, CreateWebhook{
		ParentResourceName: "project/" + s.project, Body: &body,
	}).Webhook
	if made == nil {
		t.Fatal("webhook is absent")
	}
	return made
}

func (s *session) getWebhook(t *testing.T, resourceName string) *Webhook {
	t.Helper()
	return must(t, s, s.webhooks.WebhookServiceGetWebhook, GetWebhook{ResourceName: resourceName}).Webhook
}

func (s *session) changeWebhook(t *testing.T, resourceName, mask string, w *Webhook) *Webhook {
	t.Helper()
	return must(t, s, s.webhooks.WebhookServiceUpdateWebhook, UpdateWebhook{
		ResourceName: resourceName, Body: &WebhookChanges{UpdateMask: mask, Webhook: w},
	}).Webhook
}

func subscription(actions ...string) *Subscription {
	made := &Subscription{}
	for _, action := range actions {
		made.Events = append(made.Events, &SubscriptionEvent{Source: versionEvents, Action: action})
	}
	return made
}

func actionsOf(w *Webhook) []string {
	actions := []string{}
	for _, s := range w.Subscriptions {
		for _, e := range s.Events {
			actions = append(actions, e.Action)
		}
	}
	return actions
}

// wantVerification checks the beginning of a message that users of the provider know.
func wantVerification(t *testing.T, message string) {
	t.Helper()
	if !strings.HasPrefix(message, "Error verifying webhook configuration") {
		t.Errorf("the message is %q, want it to begin as users know it", message)
	}
}

func signed(t *testing.T, d delivery) {
	t.Helper()
	mac := hmac.New(sha512.New, []byte(hmacKey))
	mac.Write(d.body)
	equal(t, "signature of "+d.event.Action, d.signature, hex.EncodeToString(mac.Sum(nil)))
}
