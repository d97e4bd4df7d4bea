package compat

import (
	"strings"
	"testing"
)

func TestTheRunTaskHasAnAddressAndAKeyThatStay(t *testing.T) {
	t.Parallel()
	s := newProject(t)
	first := must(t, s, s.PackerServiceGetRegistryTFCRunTaskAPI, GetRegistryTFCRunTaskAPI{TaskType: "validation"})
	equal(t, "hmac_key is there", first.HmacKey != "", true)
	equal(t, "api_url is at this server", strings.HasPrefix(first.APIURL, shared.url+"/"), true)
	again := must(t, s, s.PackerServiceGetRegistryTFCRunTaskAPI, GetRegistryTFCRunTaskAPI{TaskType: "validation"})
	equal(t, "api_url, read again", again.APIURL, first.APIURL)
	equal(t, "hmac_key, read again", again.HmacKey, first.HmacKey)

	changed := must(t, s, s.PackerServiceRegenerateTFCRunTaskHmacKey, RegenerateTFCRunTaskHmacKey{}).HmacKey
	equal(t, "hmac_key, regenerated, is another one", changed != "" && changed != first.HmacKey, true)
	again = must(t, s, s.PackerServiceGetRegistryTFCRunTaskAPI, GetRegistryTFCRunTaskAPI{TaskType: "validation"})
	equal(t, "hmac_key after that", again.HmacKey, changed)
	equal(t, "api_url after that", again.APIURL, first.APIURL)

	other := must(t, newProject(t), owner.PackerServiceGetRegistryTFCRunTaskAPI, GetRegistryTFCRunTaskAPI{TaskType: "validation"})
	equal(t, "another project has another address", other.APIURL != first.APIURL, true)
	equal(t, "another project has another key", other.HmacKey != changed, true)

	refused(t, either{invalidArgument, notFound}, s, s.PackerServiceGetRegistryTFCRunTaskAPI, GetRegistryTFCRunTaskAPI{TaskType: "nonsense"})
	viewer := s.principal(t, "viewer", "")
	refused(t, permissionDenied, viewer, viewer.PackerServiceGetRegistryTFCRunTaskAPI, GetRegistryTFCRunTaskAPI{TaskType: "validation"})
	refused(t, permissionDenied, viewer, viewer.PackerServiceRegenerateTFCRunTaskHmacKey, RegenerateTFCRunTaskHmacKey{})
}
