//go:build newest

package compat

import resources "github.com/hashicorp/hcp-sdk-go/clients/cloud-resource-manager/stable/2019-12-10/models"

const newestSDK = true

// Bodies whose types are others in the older releases.

func projectName(name string) *resources.HashicorpCloudResourcemanagerProjectServiceSetNameBody {
	return &resources.HashicorpCloudResourcemanagerProjectServiceSetNameBody{Name: name}
}

func projectDescription(text string) *resources.HashicorpCloudResourcemanagerProjectServiceSetDescriptionBody {
	return &resources.HashicorpCloudResourcemanagerProjectServiceSetDescriptionBody{Description: text}
}

func projectPolicy(policy *Policy) *resources.HashicorpCloudResourcemanagerProjectServiceSetIamPolicyBody {
	return &resources.HashicorpCloudResourcemanagerProjectServiceSetIamPolicyBody{Policy: policy}
}

func organizationPolicy(policy *Policy) *resources.HashicorpCloudResourcemanagerOrganizationServiceSetIamPolicyBody {
	return &resources.HashicorpCloudResourcemanagerOrganizationServiceSetIamPolicyBody{Policy: policy}
}
