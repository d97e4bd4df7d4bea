package compat

import (
	groups "github.com/hashicorp/hcp-sdk-go/clients/cloud-iam/stable/2019-12-10/client/groups_service"
	iam "github.com/hashicorp/hcp-sdk-go/clients/cloud-iam/stable/2019-12-10/client/iam_service"
	principals "github.com/hashicorp/hcp-sdk-go/clients/cloud-iam/stable/2019-12-10/client/service_principals_service"
	iammodels "github.com/hashicorp/hcp-sdk-go/clients/cloud-iam/stable/2019-12-10/models"
	resources "github.com/hashicorp/hcp-sdk-go/clients/cloud-resource-manager/stable/2019-12-10/models"
	webhooks "github.com/hashicorp/hcp-sdk-go/clients/cloud-webhook/stable/2023-05-31/client/webhook_service"
	hookmodels "github.com/hashicorp/hcp-sdk-go/clients/cloud-webhook/stable/2023-05-31/models"
)

// Short names for the requests of the services around the registry.
type (
	CreateProvider = principals.ServicePrincipalsServiceCreateWorkloadIdentityProviderParams
	GetProvider    = principals.ServicePrincipalsServiceGetWorkloadIdentityProviderParams
	UpdateProvider = principals.ServicePrincipalsServiceUpdateWorkloadIdentityProviderParams
	DeleteProvider = principals.ServicePrincipalsServiceDeleteWorkloadIdentityProviderParams
	Exchange       = principals.ServicePrincipalsServiceExchangeWorkloadIdentityTokenParams

	CreateGroup        = groups.GroupsServiceCreateGroupParams
	GetGroup           = groups.GroupsServiceGetGroupParams
	UpdateGroup        = groups.GroupsServiceUpdateGroup2Params
	DeleteGroup        = groups.GroupsServiceDeleteGroupParams
	ListGroupMembers   = groups.GroupsServiceListGroupMembersParams
	UpdateGroupMembers = groups.GroupsServiceUpdateGroupMembersParams

	BatchGetPrincipals = iam.IamServiceBatchGetPrincipalsParams
	GetUser            = iam.IamServiceGetUserPrincipalByIDInOrganizationParams

	CreateWebhook     = webhooks.WebhookServiceCreateWebhookParams
	GetWebhook        = webhooks.WebhookServiceGetWebhookParams
	UpdateWebhook     = webhooks.WebhookServiceUpdateWebhookParams
	UpdateWebhookName = webhooks.WebhookServiceUpdateWebhookNameParams
	DeleteWebhook     = webhooks.WebhookServiceDeleteWebhookParams
)

// Short names for their models.
type (
	Policy  = resources.HashicorpCloudResourcemanagerPolicy
	Binding = resources.HashicorpCloudResourcemanagerPolicyBinding
	Member  = resources.HashicorpCloudResourcemanagerPolicyBindingMember

	Provider          = iammodels.HashicorpCloudIamWorkloadIdentityProvider
	OIDC              = iammodels.HashicorpCloudIamOIDCWorkloadIdentityProviderConfig
	AWS               = iammodels.HashicorpCloudIamAWSWorkloadIdentityProviderConfig
	NewProvider       = principals.ServicePrincipalsServiceCreateWorkloadIdentityProviderBody
	ProviderChanges   = principals.ServicePrincipalsServiceUpdateWorkloadIdentityProviderBody
	SubjectToken      = iammodels.HashicorpCloudIamExchangeWorkloadIdentityTokenRequestToken
	SignedAWSRequest  = iammodels.HashicorpCloudIamExchangeWorkloadIdentityTokenRequestTokenAWS4Request
	ServicePrincipal  = iammodels.HashicorpCloudIamServicePrincipal
	Group             = iammodels.HashicorpCloudIamGroup
	NewGroup          = groups.GroupsServiceCreateGroupBody
	GroupMembers      = groups.GroupsServiceUpdateGroupMembersBody
	Webhook           = hookmodels.HashicorpCloudWebhookWebhook
	NewWebhook        = hookmodels.HashicorpCloudWebhookCreateWebhookRequestBody
	WebhookChanges    = hookmodels.HashicorpCloudWebhookUpdateWebhookRequestBody
	WebhookName       = hookmodels.HashicorpCloudWebhookUpdateWebhookNameRequestBody
	WebhookConfig     = hookmodels.HashicorpCloudWebhookWebhookConfig
	Subscription      = hookmodels.HashicorpCloudWebhookWebhookSubscription
	SubscriptionEvent = hookmodels.HashicorpCloudWebhookWebhookSubscriptionEvent
)

// Short names for their constants.
const (
	aUser             = resources.HashicorpCloudResourcemanagerPolicyBindingMemberTypeUSER
	aGroup            = resources.HashicorpCloudResourcemanagerPolicyBindingMemberTypeGROUP
	aServicePrincipal = resources.HashicorpCloudResourcemanagerPolicyBindingMemberTypeSERVICEPRINCIPAL
)
