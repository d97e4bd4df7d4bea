package compat

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

func TestSbomsAreStoredListedAndDownloaded(t *testing.T) {
	t.Parallel()
	b, build := buildThatRuns(t)
	bom, document := cycloneDXDocument("openssl", "3.0.13"), spdxDocument("zlib", "1.3.1")

	named := upload(t, b, build, NewSbom{Name: "syft", Format: to(cycloneDX), CompressedSbom: compressed(t, bom)})
	equal(t, "name", named.Name, "syft")
	equal(t, "format", word(named.Format), "CYCLONEDX")
	wantULID(t, "sbom.id", named.ID)
	unnamed := upload(t, b, build, NewSbom{Format: to(spdx), CompressedSbom: compressed(t, document)})
	equal(t, "name when none was given", unnamed.Name, "fp-1")
	equal(t, "format", word(unnamed.Format), "SPDX")

	equal(t, "listed SBOMs", listSboms(t, b, build), []string{"fp-1 SPDX", "syft CYCLONEDX"})
	for name, want := range map[string]string{"syft": bom, "fp-1": document} {
		wantSameJSON(t, name, download(t, b, build, name), want)
	}

	b.setStatus("fp-1", build, buildDone)
	equal(t, "name of the version", b.version("fp-1").Name, "v1")
	wantSameJSON(t, "syft after DONE", download(t, b, build, "syft"), bom)
	refused(t, failedPrecondition, b.session, b.PackerServiceUploadSbom, UploadSbom{
		BucketName: b.name, Fingerprint: "fp-1", BuildID: build,
		Body: &NewSbom{Name: "late", Format: to(cycloneDX), CompressedSbom: compressed(t, bom)},
	})
}

func TestAnSbomOfTheSameNameReplaces(t *testing.T) {
	t.Parallel()
	b, build := buildThatRuns(t)
	later := cycloneDXDocument("openssl", "3.0.14")
	for _, document := range []string{cycloneDXDocument("openssl", "3.0.13"), later} {
		upload(t, b, build, NewSbom{Name: "syft", Format: to(cycloneDX), CompressedSbom: compressed(t, document)})
	}
	equal(t, "listed SBOMs", listSboms(t, b, build), []string{"syft CYCLONEDX"})
	wantSameJSON(t, "syft", download(t, b, build, "syft"), later)
}

func TestAnSbomWithItsSizeInTheFrameIsFineToo(t *testing.T) {
	t.Parallel()
	b, build := buildThatRuns(t)
	encoder, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	document := cycloneDXDocument("openssl", "3.0.13")
	upload(t, b, build, NewSbom{
		Name: "whole", Format: to(cycloneDX), CompressedSbom: encoder.EncodeAll([]byte(document), nil),
	})
	wantSameJSON(t, "whole", download(t, b, build, "whole"), document)
}

func TestABadSbomIsRefused(t *testing.T) {
	t.Parallel()
	b, build := buildThatRuns(t)
	bom := cycloneDXDocument("openssl", "3.0.13")
	truncated := compressed(t, bom)
	truncated = truncated[:len(truncated)/2]
	for what, body := range map[string]NewSbom{
		"nothing":             {Format: to(cycloneDX)},
		"not zstd":            {Format: to(cycloneDX), CompressedSbom: []byte(bom)},
		"a truncated frame":   {Format: to(cycloneDX), CompressedSbom: truncated},
		"not JSON":            {Format: to(cycloneDX), CompressedSbom: compressed(t, "<bom/>")},
		"not an SBOM":         {Format: to(cycloneDX), CompressedSbom: compressed(t, `{"a": 1}`)},
		"CycloneDX as SPDX":   {Format: to(spdx), CompressedSbom: compressed(t, bom)},
		"SPDX as CycloneDX":   {Format: to(cycloneDX), CompressedSbom: compressed(t, spdxDocument("zlib", "1.3.1"))},
		"lower case format":   {Format: to(SbomFormat("cyclonedx")), CompressedSbom: compressed(t, bom)},
		"an unknown format":   {Format: to(SbomFormat("SWID")), CompressedSbom: compressed(t, bom)},
		"a name with a space": {Name: "my sbom", Format: to(cycloneDX), CompressedSbom: compressed(t, bom)},
		"a name too short":    {Name: "ab", Format: to(cycloneDX), CompressedSbom: compressed(t, bom)},
		"a name too long":     {Name: strings.Repeat("a", 37), Format: to(cycloneDX), CompressedSbom: compressed(t, bom)},
	} {
		t.Run(what, func(t *testing.T) {
			refused(t, invalidArgument, b.session, b.PackerServiceUploadSbom, UploadSbom{
				BucketName: b.name, Fingerprint: "fp-1", BuildID: build, Body: &body,
			})
		})
	}
	equal(t, "listed SBOMs", listSboms(t, b, build), []string{})
}

func TestAnUnknownSbomIsNotFound(t *testing.T) {
	t.Parallel()
	b, build := buildThatRuns(t)
	refused(t, notFound, b.session, b.PackerServiceGetSbom, GetSbom{
		BucketName: b.name, Fingerprint: "fp-1", BuildID: build, SbomName: "syft",
	})
	none := "01JG5YSPYCEK4TGHB8M2Z6XE7Q"
	refused(t, notFound, b.session, b.PackerServiceListSboms, ListSboms{BucketName: b.name, Fingerprint: "fp-1", BuildID: none})
	refused(t, notFound, b.session, b.PackerServiceUploadSbom, UploadSbom{
		BucketName: b.name, Fingerprint: "fp-1", BuildID: none,
		Body: &NewSbom{Name: "syft", Format: to(cycloneDX), CompressedSbom: compressed(t, cycloneDXDocument("a", "1"))},
	})
}

func TestADownloadURLCannotBeMadeUp(t *testing.T) {
	t.Parallel()
	b, build := buildThatRuns(t)
	upload(t, b, build, NewSbom{
		Name: "syft", Format: to(cycloneDX), CompressedSbom: compressed(t, cycloneDXDocument("openssl", "3.0.13")),
	})
	url := downloadURL(t, b, build, "syft")
	folder, token := url[:strings.LastIndex(url, "/")+1], url[strings.LastIndex(url, "/")+1:]
	status, body := get(t, folder+altered(token))
	if status == http.StatusOK {
		t.Errorf("an altered URL was answered with HTTP %d %q", status, body)
	}
}

// buildThatRuns is a bucket with one running build in version fp-1.
func buildThatRuns(t *testing.T) (b *bucket, id string) {
	t.Helper()
	b = newBucket(t)
	b.createVersion("fp-1")
	id = b.createBuild("fp-1", "amazon-ebs.base").ID
	b.setStatus("fp-1", id, buildRunning)
	return b, id
}

func upload(t *testing.T, b *bucket, build string, body NewSbom) *Sbom {
	t.Helper()
	return must(t, b.session, b.PackerServiceUploadSbom, UploadSbom{
		BucketName: b.name, Fingerprint: "fp-1", BuildID: build, Body: &body,
	}).Sbom
}

// listSboms is `NAME FORMAT` of each, sorted.
func listSboms(t *testing.T, b *bucket, build string) []string {
	t.Helper()
	found := []string{}
	answer := must(t, b.session, b.PackerServiceListSboms, ListSboms{BucketName: b.name, Fingerprint: "fp-1", BuildID: build})
	for _, sbom := range answer.Sboms {
		found = append(found, sbom.Name+" "+word(sbom.Format))
	}
	slices.Sort(found)
	return found
}

func downloadURL(t *testing.T, b *bucket, build, name string) string {
	t.Helper()
	url := must(t, b.session, b.PackerServiceGetSbom, GetSbom{
		BucketName: b.name, Fingerprint: "fp-1", BuildID: build, SbomName: name,
	}).DownloadURL
	if !strings.HasPrefix(url, "https://") {
		t.Fatalf("download_url is %q, want an https URL", url)
	}
	return url
}

func download(t *testing.T, b *bucket, build, name string) []byte {
	t.Helper()
	url := downloadURL(t, b, build, name)
	status, body := get(t, url)
	if status != http.StatusOK {
		t.Fatalf("GET %s: HTTP %d: %s", url, status, body)
	}
	return body
}

// compressed is what packer sends: one zstd frame, written as a stream, so without the content's size.
func compressed(t *testing.T, document string) []byte {
	t.Helper()
	var frame bytes.Buffer
	encoder, err := zstd.NewWriter(&frame, zstd.WithEncoderLevel(zstd.SpeedBestCompression))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := encoder.Write([]byte(document)); err != nil {
		t.Fatal(err)
	}
	if err := encoder.Close(); err != nil {
		t.Fatal(err)
	}
	return frame.Bytes()
}

func cycloneDXDocument(name, version string) string {
	return fmt.Sprintf(`{"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": [
		{"type": "library", "name": %q, "version": %q, "purl": "pkg:deb/debian/%[1]s@%[2]s"}]}`, name, version)
}

func spdxDocument(name, version string) string {
	return fmt.Sprintf(`{"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",
		"name": "image", "documentNamespace": "https://example.com/image",
		"creationInfo": {"created": "2025-01-01T00:00:00Z", "creators": ["Tool: compat"]},
		"packages": [{"name": %q, "SPDXID": "SPDXRef-1", "versionInfo": %q, "downloadLocation": "NOASSERTION"}]}`, name, version)
}

func wantSameJSON(t *testing.T, what string, got []byte, want string) {
	t.Helper()
	var gotValue, wantValue any
	if err := json.Unmarshal(got, &gotValue); err != nil {
		t.Fatalf("%s is no JSON: %v: %q", what, err, got)
	}
	if err := json.Unmarshal([]byte(want), &wantValue); err != nil {
		t.Fatal(err)
	}
	equal(t, what, gotValue, wantValue)
}
