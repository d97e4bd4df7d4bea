//! Buckets.

use waybill_api::hcp::{
    Bucket, CreateBucketBody, CreateBucketResponse, GetBucketResponse, ListBucketsResponse, UpdateBucketBody,
    UpdateBucketResponse,
};

use crate::{
    error::Error,
    page::{Pages, page},
    registry::Registry,
};

page!(ListBucketsResponse, buckets: Bucket);

impl Registry {
    /// All buckets, by name.
    pub fn list_buckets(&self) -> Pages<ListBucketsResponse> {
        let call = self.call("PackerService_ListBuckets", &[]);
        Pages::new(self.client().clone(), call.map(|call| call.query("sorting.order_by", "name")))
    }

    pub async fn get_bucket(&self, bucket: &str) -> Result<Bucket, Error> {
        let call = self.call("PackerService_GetBucket", &[("bucket_name", bucket)])?;
        Ok(self.client().send::<GetBucketResponse>(&call).await?.bucket)
    }

    /// Makes a bucket; one that exists is an error ([`Error::is_already_exists`]).
    pub async fn create_bucket(&self, body: &CreateBucketBody) -> Result<Bucket, Error> {
        let call = self.call("PackerService_CreateBucket", &[])?.body(body);
        Ok(self.client().send::<CreateBucketResponse>(&call).await?.bucket)
    }

    /// Changes what `body` sets; labels are replaced as a whole.
    pub async fn update_bucket(&self, bucket: &str, body: &UpdateBucketBody) -> Result<Bucket, Error> {
        let call =
            self.call("PackerService_UpdateBucket", &[("bucket_name", bucket)])?.body(body).idempotent();
        Ok(self.client().send::<UpdateBucketResponse>(&call).await?.bucket)
    }

    /// Deletes a bucket with everything in it.
    pub async fn delete_bucket(&self, bucket: &str) -> Result<(), Error> {
        let call = self.call("PackerService_DeleteBucket", &[("bucket_name", bucket)])?;
        self.client().send::<serde::de::IgnoredAny>(&call).await?;
        Ok(())
    }
}
