package compat

import (
	packer "github.com/hashicorp/hcp-sdk-go/clients/cloud-packer-service/stable/2023-01-01/client/packer_service"
	models "github.com/hashicorp/hcp-sdk-go/clients/cloud-packer-service/stable/2023-01-01/models"
)

// Short names for what the SDK calls PackerService…Params: the arguments of an operation.
type (
	ListBuckets        = packer.PackerServiceListBucketsParams
	CreateBucket       = packer.PackerServiceCreateBucketParams
	GetBucket          = packer.PackerServiceGetBucketParams
	UpdateBucket       = packer.PackerServiceUpdateBucketParams
	DeleteBucket       = packer.PackerServiceDeleteBucketParams
	ListBucketAncestry = packer.PackerServiceListBucketAncestryParams

	ListVersions  = packer.PackerServiceListVersionsParams
	CreateVersion = packer.PackerServiceCreateVersionParams
	GetVersion    = packer.PackerServiceGetVersionParams
	UpdateVersion = packer.PackerServiceUpdateVersionParams
	DeleteVersion = packer.PackerServiceDeleteVersionParams

	ListBuilds  = packer.PackerServiceListBuildsParams
	CreateBuild = packer.PackerServiceCreateBuildParams
	GetBuild    = packer.PackerServiceGetBuildParams
	UpdateBuild = packer.PackerServiceUpdateBuildParams
	DeleteBuild = packer.PackerServiceDeleteBuildParams

	UploadSbom = packer.PackerServiceUploadSbomParams
	ListSboms  = packer.PackerServiceListSbomsParams
	GetSbom    = packer.PackerServiceGetSbomParams

	ListChannels                 = packer.PackerServiceListChannelsParams
	CreateChannel                = packer.PackerServiceCreateChannelParams
	GetChannel                   = packer.PackerServiceGetChannelParams
	UpdateChannel                = packer.PackerServiceUpdateChannelParams
	DeleteChannel                = packer.PackerServiceDeleteChannelParams
	ListChannelAssignmentHistory = packer.PackerServiceListChannelAssignmentHistoryParams

	GetRegistry    = packer.PackerServiceGetRegistryParams
	CreateRegistry = packer.PackerServiceCreateRegistryParams
	UpdateRegistry = packer.PackerServiceUpdateRegistryParams
	DeleteRegistry = packer.PackerServiceDeleteRegistryParams

	GetRegistryTFCRunTaskAPI    = packer.PackerServiceGetRegistryTFCRunTaskAPIParams
	RegenerateTFCRunTaskHmacKey = packer.PackerServiceRegenerateTFCRunTaskHmacKeyParams
)

// Short names for its models.
type (
	Artifact         = models.HashicorpCloudPacker20230101Artifact
	Bucket           = models.HashicorpCloudPacker20230101Bucket
	BucketAncestry   = models.HashicorpCloudPacker20230101BucketAncestry
	Build            = models.HashicorpCloudPacker20230101Build
	BuildMetadata    = models.HashicorpCloudPacker20230101BuildMetadata
	BuildStatus      = models.HashicorpCloudPacker20230101BuildStatus
	Channel          = models.HashicorpCloudPacker20230101Channel
	Assignment       = models.HashicorpCloudPacker20230101ChannelAssignment
	NewArtifact      = models.HashicorpCloudPacker20230101ArtifactCreateBody
	NewBucket        = models.HashicorpCloudPacker20230101CreateBucketBody
	NewBuild         = models.HashicorpCloudPacker20230101CreateBuildBody
	NewChannel       = models.HashicorpCloudPacker20230101CreateChannelBody
	NewRegistry      = models.HashicorpCloudPacker20230101CreateRegistryBody
	NewSbom          = models.HashicorpCloudPacker20230101UploadSbomBody
	NewVersion       = models.HashicorpCloudPacker20230101CreateVersionBody
	BucketChanges    = models.HashicorpCloudPacker20230101UpdateBucketBody
	BuildChanges     = models.HashicorpCloudPacker20230101UpdateBuildBody
	ChannelChanges   = models.HashicorpCloudPacker20230101UpdateChannelBody
	RegistryChanges  = models.HashicorpCloudPacker20230101UpdateRegistryBody
	VersionChanges   = models.HashicorpCloudPacker20230101UpdateVersionBody
	VersionOperation = models.HashicorpCloudPacker20230101UpdateVersionResponse
	Registry         = models.HashicorpCloudPacker20230101Registry
	Sbom             = models.HashicorpCloudPacker20230101Sbom
	SbomFormat       = models.HashicorpCloudPacker20230101SbomFormat
	TemplateType     = models.HashicorpCloudPacker20230101TemplateType
	Tier             = models.HashicorpCloudPacker20230101RegistryConfigTier
	Version          = models.HashicorpCloudPacker20230101Version
)

// Short names for its constants.
const (
	buildUnset     = models.HashicorpCloudPacker20230101BuildStatusBUILDUNSET
	buildRunning   = models.HashicorpCloudPacker20230101BuildStatusBUILDRUNNING
	buildDone      = models.HashicorpCloudPacker20230101BuildStatusBUILDDONE
	buildCancelled = models.HashicorpCloudPacker20230101BuildStatusBUILDCANCELLED
	buildFailed    = models.HashicorpCloudPacker20230101BuildStatusBUILDFAILED

	hcl2         = models.HashicorpCloudPacker20230101TemplateTypeHCL2
	jsonTemplate = models.HashicorpCloudPacker20230101TemplateTypeJSON

	cycloneDX = models.HashicorpCloudPacker20230101SbomFormatCYCLONEDX
	spdx      = models.HashicorpCloudPacker20230101SbomFormatSPDX

	standard = models.HashicorpCloudPacker20230101RegistryConfigTierSTANDARD
	plus     = models.HashicorpCloudPacker20230101RegistryConfigTierPLUS

	parents  = string(models.HashicorpCloudPacker20230101BucketAncestryTypeANCESTRYTYPEPARENTS)
	children = string(models.HashicorpCloudPacker20230101BucketAncestryTypeANCESTRYTYPECHILDREN)
)
