package compat

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-openapi/runtime"
	packer "github.com/hashicorp/hcp-sdk-go/clients/cloud-packer-service/stable/2023-01-01/client/packer_service"
	sharedmodels "github.com/hashicorp/hcp-sdk-go/clients/cloud-shared/v1/models"
)

// A code is a number of google.rpc.Code. Clients branch on it, not on the HTTP status.
type code int32

const (
	invalidArgument    code = 3
	notFound           code = 5
	alreadyExists      code = 6
	permissionDenied   code = 7
	resourceExhausted  code = 8
	failedPrecondition code = 9
	aborted            code = 10
	unimplemented      code = 12
	unauthenticated    code = 16
)

// Codes are what a test expects: one, or any of several where clients treat them alike.
type codes interface{ has(code) bool }

type either []code

func (c code) has(other code) bool   { return c == other }
func (e either) has(other code) bool { return slices.Contains(e, other) }

// The HTTP status that goes with each.
var statusOf = map[code]int{
	invalidArgument: 400, notFound: 404, alreadyExists: 409, permissionDenied: 403, resourceExhausted: 429,
	failedPrecondition: 400, aborted: 409, unimplemented: 501, unauthenticated: 401,
}

// No operation takes seconds; this is what keeps a hanging server from hanging the run.
const callLimit = 60 * time.Second

// A callError is a refusal or a failure of one operation, with all that a reader of a failed test needs.
type callError struct {
	operation string
	request   string
	code      code // google.rpc code of the body, 0 if the SDK did not find one
	status    int  // HTTP
	message   string
	cause     error
}

func (e *callError) Error() string {
	if e.code == 0 {
		return fmt.Sprintf("%s %s: no code in the answer: %v", e.operation, e.request, e.cause)
	}
	return fmt.Sprintf("%s %s: code %d, HTTP %d: %s", e.operation, e.request, e.code, e.status, e.message)
}

func (e *callError) Unwrap() error { return e.cause }

// Every operation that a test has called, by the name of its method.
var called sync.Map

// call runs one operation of the SDK in the session's project and returns the payload of its answer.
// An error is a *callError.
func call[P, O any, R interface{ GetPayload() X }, X any](
	s *session, operation func(*P, runtime.ClientAuthInfoWriter, ...O) (R, error), params P,
) (X, error) {
	ctx, cancel := context.WithTimeout(context.Background(), callLimit)
	defer cancel()
	fields := reflect.ValueOf(&params).Elem()
	fields.FieldByName("Context").Set(reflect.ValueOf(ctx))
	for name, value := range map[string]string{
		"LocationOrganizationID": s.organization, "LocationProjectID": s.project,
	} {
		if field := fields.FieldByName(name); field.IsValid() && field.String() == "" {
			field.SetString(value)
		}
	}
	// The older registry service has operations of the same names.
	if !strings.Contains(reflect.TypeOf(params).PkgPath(), "/2021-04-30/") {
		called.Store(operationName(params), true)
	}
	answer, err := operation(&params, nil)
	if err != nil {
		var none X
		return none, explain(operationName(params), describe(params), err)
	}
	return answer.GetPayload(), nil
}

// must is call for what has to succeed.
func must[P, O any, R interface{ GetPayload() X }, X any](
	t *testing.T, s *session, operation func(*P, runtime.ClientAuthInfoWriter, ...O) (R, error), params P,
) X {
	t.Helper()
	payload, err := call(s, operation, params)
	if err != nil {
		t.Fatal(err)
	}
	return payload
}

// refused is call for what has to fail with a code; it returns the message.
func refused[P, O any, R interface{ GetPayload() X }, X any](
	t *testing.T, want codes, s *session, operation func(*P, runtime.ClientAuthInfoWriter, ...O) (R, error), params P,
) string {
	t.Helper()
	payload, err := call(s, operation, params)
	if err == nil {
		t.Fatalf("%s %s: accepted, want code %d; the answer is %s",
			operationName(params), describe(params), want, compact(payload))
	}
	return wantCode(t, err, want)
}

// wantCode checks the google.rpc code of an error of call, the HTTP status that belongs to it, and that there
// is a message for the user, which it returns.
func wantCode(t *testing.T, err error, want codes) string {
	t.Helper()
	failure, ok := err.(*callError)
	if !ok {
		t.Fatalf("want code %d, got %v", want, err)
	}
	switch {
	case !want.has(failure.code):
		t.Fatalf("want code %d, got %v", want, err)
	case failure.status != statusOf[failure.code]:
		t.Errorf("want HTTP %d with code %d, got %v", statusOf[failure.code], failure.code, err)
	case failure.message == "":
		t.Errorf("want a message, got %v", err)
	}
	return failure.message
}

// explain reads code and message from the SDK's typed default answer, `PackerServiceGetBucketDefault` and so on.
func explain(operation, request string, err error) error {
	failure := &callError{operation: operation, request: request, cause: err}
	if answer, ok := err.(interface {
		GetPayload() *sharedmodels.GoogleRPCStatus
		Code() int
	}); ok && answer.GetPayload() != nil {
		failure.code = code(answer.GetPayload().Code)
		failure.message = answer.GetPayload().Message
		failure.status = answer.Code()
	}
	return failure
}

// operationName is `PackerServiceGetBucket` for PackerServiceGetBucketParams.
func operationName(params any) string {
	return strings.TrimSuffix(reflect.TypeOf(params).Name(), "Params")
}

// describe is the request as JSON, less what is the same in all.
func describe(params any) string {
	request := map[string]any{}
	fields := reflect.ValueOf(params)
	for i := range fields.NumField() {
		field := fields.Type().Field(i)
		if !field.IsExported() || fields.Field(i).IsZero() || field.Name == "Context" || field.Name == "LocationOrganizationID" {
			continue
		}
		value := fields.Field(i).Interface()
		if field.Name == "LocationProjectID" && value == owner.project {
			continue
		}
		request[field.Name] = value
	}
	return compact(request)
}

// compact is a value as one line of JSON that is not longer than a reader wants.
func compact(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprintf("%+v", value)
	}
	const most = 600
	if most < len(text) {
		return string(text[:most]) + "…"
	}
	return string(text)
}

// uncalledOperations are the methods of the SDK's registry client, and the operations of the services around
// it that Waybill documents, that no test has called.
func uncalledOperations() ([]string, error) {
	missing, err := uncalledPlatformOperations()
	if err != nil {
		return nil, err
	}
	client := reflect.TypeFor[packer.ClientService]()
	for i := range client.NumMethod() {
		name := client.Method(i).Name
		if _, done := called.Load(name); !done && name != "SetTransport" {
			missing = append(missing, name)
		}
	}
	return missing, nil
}

// equal reports a difference, and goes on.
func equal[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s is %s, want %s", what, compact(got), compact(want))
	}
}

// word is an enumeration's value, which the SDK holds behind a pointer.
func word[S ~string](value *S) string {
	if value == nil {
		return "(absent)"
	}
	return string(*value)
}

// to is a pointer to a value, for the SDK's optional members.
func to[T any](value T) *T { return &value }

// eventually waits for something that happens by itself, up to a generous limit.
func eventually(t *testing.T, what string, condition func() (done bool, now string)) {
	t.Helper()
	const limit, pause = 30 * time.Second, 100 * time.Millisecond
	deadline := time.Now().Add(limit)
	for {
		done, now := condition()
		if done {
			return
		}
		if deadline.Before(time.Now()) {
			t.Fatalf("%s: still not after %s, now it is %s", what, limit, now)
		}
		time.Sleep(pause)
	}
}

// get is an HTTP request as a browser would make it: no token, no special headers.
func get(t *testing.T, url string) (status int, body []byte) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return send(t, request)
}
