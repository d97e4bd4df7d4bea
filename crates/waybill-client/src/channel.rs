//! Channels.

use waybill_api::hcp::{
    AssignChannelVersionBody, AssignChannelVersionResponse, Channel, ChannelAssignment, CreateChannelBody,
    CreateChannelResponse, GetChannelResponse, ListChannelAssignmentHistoryResponse, ListChannelsResponse,
    UpdateChannelBody, UpdateChannelResponse,
};

use crate::{
    error::Error,
    page::{Pages, page},
    registry::Registry,
};

page!(ListChannelAssignmentHistoryResponse, history: ChannelAssignment);

impl Registry {
    pub async fn list_channels(&self, bucket: &str) -> Result<Vec<Channel>, Error> {
        let call = self.call("PackerService_ListChannels", &[("bucket_name", bucket)])?;
        Ok(self.client().send::<ListChannelsResponse>(&call).await?.channels)
    }

    /// A channel with the whole version that it points to.
    pub async fn get_channel(&self, bucket: &str, channel: &str) -> Result<Channel, Error> {
        let call = self.call("PackerService_GetChannel", &channel_path(bucket, channel))?;
        Ok(self.client().send::<GetChannelResponse>(&call).await?.channel)
    }

    pub async fn create_channel(&self, bucket: &str, body: &CreateChannelBody) -> Result<Channel, Error> {
        let call = self.call("PackerService_CreateChannel", &[("bucket_name", bucket)])?.body(body);
        Ok(self.client().send::<CreateChannelResponse>(&call).await?.channel)
    }

    /// Points the channel at the version of that fingerprint.
    pub async fn assign_channel(
        &self,
        bucket: &str,
        channel: &str,
        fingerprint: &str,
    ) -> Result<Channel, Error> {
        let body = UpdateChannelBody {
            version_fingerprint: Some(fingerprint.to_owned()),
            update_mask: Some("versionFingerprint".to_owned()),
            ..UpdateChannelBody::default()
        };
        self.update_channel(bucket, channel, &body).await
    }

    /// Points the channel at nothing.
    pub async fn unassign_channel(&self, bucket: &str, channel: &str) -> Result<Channel, Error> {
        let body = UpdateChannelBody {
            update_mask: Some("versionFingerprint".to_owned()),
            ..UpdateChannelBody::default()
        };
        self.update_channel(bucket, channel, &body).await
    }

    /// Hides the channel from those who may only read, or shows it to them.
    pub async fn restrict_channel(
        &self,
        bucket: &str,
        channel: &str,
        restricted: bool,
    ) -> Result<Channel, Error> {
        let body = UpdateChannelBody {
            restricted: Some(restricted),
            update_mask: Some("restricted".to_owned()),
            ..UpdateChannelBody::default()
        };
        self.update_channel(bucket, channel, &body).await
    }

    /// Changes what the body's mask names.
    pub async fn update_channel(
        &self,
        bucket: &str,
        channel: &str,
        body: &UpdateChannelBody,
    ) -> Result<Channel, Error> {
        let call = self.call("PackerService_UpdateChannel", &channel_path(bucket, channel))?;
        Ok(self.client().send::<UpdateChannelResponse>(&call.body(body).idempotent()).await?.channel)
    }

    /// Points the channel `target` at what `source` points to, in one step at the registry.
    pub async fn promote_channel(&self, bucket: &str, source: &str, target: &str) -> Result<Channel, Error> {
        let body = AssignChannelVersionBody {
            source_channel: Some(source.to_owned()),
            target_channel: Some(target.to_owned()),
        };
        let call = self.call("PackerService_AssignChannelVersion", &[("bucket_name", bucket)])?.body(&body);
        Ok(self.client().send::<AssignChannelVersionResponse>(&call).await?.target_channel)
    }

    /// Deletes the channel with its history.
    pub async fn delete_channel(&self, bucket: &str, channel: &str) -> Result<(), Error> {
        let call = self.call("PackerService_DeleteChannel", &channel_path(bucket, channel))?;
        self.client().send::<serde::de::IgnoredAny>(&call).await?;
        Ok(())
    }

    /// What the channel pointed to over time, newest first.
    pub fn channel_history(
        &self,
        bucket: &str,
        channel: &str,
    ) -> Pages<ListChannelAssignmentHistoryResponse> {
        let call = self.call("PackerService_ListChannelAssignmentHistory", &channel_path(bucket, channel));
        Pages::new(self.client().clone(), call)
    }
}

fn channel_path<'a>(bucket: &'a str, channel: &'a str) -> [(&'static str, &'a str); 2] {
    [("bucket_name", bucket), ("channel_name", channel)]
}
