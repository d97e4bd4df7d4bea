package compat

import "testing"

// What Waybill does not offer yet is refused with code 12 and a JSON body: an unmodified client can tell that
// from an empty list or a missing thing.

func TestRunTasksAreNotOfferedYet(t *testing.T) {
	t.Parallel()
	refused(t, unimplemented, owner, owner.PackerServiceGetRegistryTFCRunTaskAPI, GetRegistryTFCRunTaskAPI{TaskType: "validation"})
	refused(t, unimplemented, owner, owner.PackerServiceRegenerateTFCRunTaskHmacKey, RegenerateTFCRunTaskHmacKey{})
}
