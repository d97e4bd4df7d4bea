//go:build !newest

package compat

import (
	organizations "github.com/hashicorp/hcp-sdk-go/clients/cloud-resource-manager/stable/2019-12-10/client/organization_service"
	projects "github.com/hashicorp/hcp-sdk-go/clients/cloud-resource-manager/stable/2019-12-10/client/project_service"
)

const newestSDK = false

// Bodies whose types are others in the newest release.

func projectName(name string) projects.ProjectServiceSetNameBody {
	return projects.ProjectServiceSetNameBody{Name: name}
}

func projectDescription(text string) projects.ProjectServiceSetDescriptionBody {
	return projects.ProjectServiceSetDescriptionBody{Description: text}
}

func projectPolicy(policy *Policy) projects.ProjectServiceSetIamPolicyBody {
	return projects.ProjectServiceSetIamPolicyBody{Policy: policy}
}

func organizationPolicy(policy *Policy) organizations.OrganizationServiceSetIamPolicyBody {
	return organizations.OrganizationServiceSetIamPolicyBody{Policy: policy}
}
