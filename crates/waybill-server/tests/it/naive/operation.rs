//! What can be asked of a registry in a small world: few names, so that requests meet.

use proptest::{collection::vec, option, prelude::*, sample::select};

/// A word of one of the alphabets below.
pub(crate) type Word = &'static str;

const BUCKETS: [Word; 3] = ["debian", "ubuntu", "web"];
const FINGERPRINTS: [Word; 4] = ["a", "b", "c", "d"];
const COMPONENTS: [Word; 2] = ["null.one", "null.two"];
/// The last is managed.
const CHANNELS: [Word; 3] = ["dev", "prod", "latest"];
const PLATFORMS: [Word; 2] = ["aws", "null"];
const IMAGES: [Word; 3] = ["img-1", "img-2", ""];
const REGIONS: [Word; 2] = ["eu", ""];
const RUNS: [Word; 2] = ["5c63a5b0-0000-4000-8000-000000000001", "5c63a5b0-0000-4000-8000-000000000002"];
const STATUSES: [Word; 5] = ["BUILD_RUNNING", "BUILD_DONE", "BUILD_FAILED", "BUILD_CANCELLED", "BUILD_UNSET"];
const ROLES: [Word; 4] = ["viewer", "contributor", "admin", "owner"];
const TEXTS: [Word; 3] = ["one", "two", ""];

/// One request, or something that happens by itself.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) who: Who,
    /// Which of the things that exist it is about, instead of what the names in it say.
    pub(crate) aim: Option<usize>,
    pub(crate) ask: Ask,
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Who {
    /// Of the organization.
    Owner,
    Admin,
    Contributor,
    Viewer,
    /// The owner of another project.
    Stranger,
    /// Whoever was last admitted to a bucket under that number.
    Guest(usize),
}

/// A version by its bucket and fingerprint, whether it is there or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct At {
    pub(crate) bucket: Word,
    pub(crate) fingerprint: Word,
}

#[derive(Clone, Debug)]
pub(crate) enum Ask {
    CreateBucket {
        bucket: Word,
        description: Word,
    },
    /// A label that is empty stands for no labels.
    UpdateBucket {
        bucket: Word,
        description: Option<Word>,
        label: Option<Word>,
    },
    DeleteBucket {
        bucket: Word,
    },
    ListBuckets,
    CreateVersion {
        at: At,
        template: Word,
    },
    ReadVersion {
        at: At,
    },
    Complete {
        at: At,
    },
    Revoke(Revoke),
    Restore {
        at: At,
    },
    DeleteVersion {
        at: At,
        how: Deleting,
    },
    CreateBuild {
        at: At,
        component: Word,
        says: Says,
    },
    UpdateBuild {
        at: At,
        component: Word,
        says: Says,
    },
    DeleteBuild {
        at: At,
        component: Word,
    },
    CreateChannel {
        bucket: Word,
        channel: Word,
        restricted: bool,
        fingerprint: Option<Word>,
    },
    UpdateChannel {
        bucket: Word,
        channel: Word,
        point: Point,
        restricted: Option<bool>,
    },
    CopyChannel {
        bucket: Word,
        from: Word,
        to: Word,
    },
    DeleteChannel {
        bucket: Word,
        channel: Word,
    },
    ReadChannel {
        bucket: Word,
        channel: Word,
    },
    ListChannels {
        bucket: Word,
    },
    SetActive(bool),
    Admit {
        guest: usize,
        bucket: Word,
        role: Word,
    },
    /// Asked by the owner, whoever the step says.
    Dismiss {
        guest: usize,
    },
    Wait {
        seconds: i64,
    },
    RunJobs,
}

/// Where to point a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Point {
    /// Where it points already, because nothing is said about it.
    Still,
    Nowhere,
    At(Word),
}

/// What to revoke, and how.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Revoke {
    pub(crate) at: At,
    pub(crate) when: When,
    pub(crate) message: Word,
    pub(crate) keep_channels: bool,
    /// Without descendants.
    pub(crate) alone: bool,
}

/// When to revoke, in seconds from now.
#[derive(Clone, Copy, Debug)]
pub(crate) enum When {
    In(i64),
    At(i64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deleting {
    Plainly,
    RollingBack,
    ByForce,
}

/// What a client says about a build.
#[derive(Clone, Debug)]
pub(crate) struct Says {
    pub(crate) status: Option<Word>,
    pub(crate) run: Word,
    pub(crate) platform: Option<Word>,
    pub(crate) source: Option<Word>,
    pub(crate) parent: Option<At>,
    /// As [`Step::aim`], for the parent.
    pub(crate) parent_aim: Option<usize>,
    /// In the parent's bucket.
    pub(crate) channel: Option<Word>,
    pub(crate) label: Option<Word>,
    pub(crate) artifacts: Vec<[Word; 2]>,
}

/// What every sequence begins with: something to work in, and people with a role on one bucket only.
pub(crate) fn beginning() -> Vec<Step> {
    let mut asks = Vec::new();
    for bucket in &BUCKETS[..2] {
        asks.push(Ask::CreateBucket { bucket, description: "" });
        for channel in &CHANNELS[..2] {
            asks.push(Ask::CreateChannel { bucket, channel, restricted: false, fingerprint: None });
        }
    }
    asks.push(Ask::Admit { guest: 0, bucket: BUCKETS[0], role: "contributor" });
    asks.push(Ask::Admit { guest: 1, bucket: BUCKETS[1], role: "viewer" });
    asks.into_iter().map(|ask| Step { who: Who::Owner, aim: None, ask }).collect()
}

/// The same of versions that are made from each other, revoked, restored and deleted, and of little else.
pub(crate) fn generations(groups: usize) -> impl Strategy<Value = Vec<Step>> {
    let change = prop_oneof![
        6 => revocation().prop_map(Ask::Revoke),
        4 => at().prop_map(|at| Ask::Restore { at }),
        2 => at().prop_map(|at| Ask::DeleteVersion { at, how: Deleting::ByForce }),
        2 => select(&[7, 100, 4000][..]).prop_map(|seconds| Ask::Wait { seconds }),
        2 => Just(Ask::RunJobs),
    ];
    let group = prop_oneof![
        5 => published(),
        3 => published_twice(),
        2 => reconsidered(),
        10 => (aim(), change).prop_map(|(aim, ask)| vec![Step { who: Who::Owner, aim, ask }]),
    ];
    vec(group, 1..=groups).prop_map(|groups| groups.concat())
}

/// Up to `groups` things that are done after each other; a group is up to three steps.
pub(crate) fn steps(groups: usize) -> impl Strategy<Value = Vec<Step>> {
    vec(group(), 1..=groups).prop_map(|groups| groups.concat())
}

fn group() -> impl Strategy<Value = Vec<Step>> {
    prop_oneof![
        4 => published(),
        2 => announced(),
        1 => reconsidered(),
        15 => (who(), aim(), ask()).prop_map(|(who, aim, ask)| vec![Step { who, aim, ask }]),
    ]
}

fn aim() -> impl Strategy<Value = Option<usize>> {
    option::weighted(0.85, 0..1000_usize)
}

/// What packer does, and then the pipeline, so that there are complete versions in use.
fn published() -> impl Strategy<Value = Vec<Step>> {
    let who = select(&[Who::Owner, Who::Contributor][..]);
    let channel = option::weighted(0.6, select(&CHANNELS[..2]));
    (who, at(), select(&COMPONENTS[..]), finished(), channel).prop_map(
        |(who, at, component, says, channel)| {
            let mut asks =
                vec![Ask::CreateVersion { at, template: "HCL2" }, Ask::CreateBuild { at, component, says }];
            asks.extend(channel.map(|channel| Ask::UpdateChannel {
                bucket: at.bucket,
                channel,
                point: Point::At(at.fingerprint),
                restricted: None,
            }));
            asks.into_iter().map(|ask| Step { who, aim: None, ask }).collect()
        },
    )
}

/// A version of two builds, which may be made from different things.
fn published_twice() -> impl Strategy<Value = Vec<Step>> {
    (at(), finished(), finished()).prop_map(|(at, one, two)| {
        let announced = Says { status: None, artifacts: Vec::new(), parent: None, ..one.clone() };
        let asks = [
            Ask::CreateVersion { at, template: "HCL2" },
            Ask::CreateBuild { at, component: COMPONENTS[0], says: announced },
            Ask::CreateBuild { at, component: COMPONENTS[1], says: two },
            Ask::UpdateBuild { at, component: COMPONENTS[0], says: one },
        ];
        asks.map(|ask| Step { who: Who::Owner, aim: None, ask }).to_vec()
    })
}

/// A version with two builds that are still to be done.
fn announced() -> impl Strategy<Value = Vec<Step>> {
    (at(), anything(), anything()).prop_map(|(at, one, two)| {
        let asks = [
            Ask::CreateVersion { at, template: "HCL2" },
            Ask::CreateBuild { at, component: COMPONENTS[0], says: one },
            Ask::CreateBuild { at, component: COMPONENTS[1], says: two },
        ];
        asks.map(|ask| Step { who: Who::Owner, aim: None, ask }).to_vec()
    })
}

/// A version that is revoked twice: soon, which can still be changed, and otherwise.
fn reconsidered() -> impl Strategy<Value = Vec<Step>> {
    (aim(), revocation(), revocation()).prop_map(|(aim, one, two)| {
        let asks = [Revoke { when: When::In(900), ..one }, Revoke { at: one.at, ..two }];
        asks.map(|revoke| Step { who: Who::Owner, aim, ask: Ask::Revoke(revoke) }).to_vec()
    })
}

fn revocation() -> impl Strategy<Value = Revoke> {
    let when = prop_oneof![
        4 => Just(When::In(0)),
        3 => select(&[5, 6, 120, 5000][..]).prop_map(When::In),
        3 => select(&[-50, 3, 5, 60, 900][..]).prop_map(When::At),
    ];
    let mostly_not = || prop::bool::weighted(0.2);
    (at(), when, select(&TEXTS[..]), mostly_not(), mostly_not()).prop_map(
        |(at, when, message, keep_channels, alone)| Revoke { at, when, message, keep_channels, alone },
    )
}

fn who() -> impl Strategy<Value = Who> {
    prop_oneof![
        12 => Just(Who::Owner),
        3 => Just(Who::Admin),
        3 => Just(Who::Contributor),
        1 => Just(Who::Viewer),
        1 => Just(Who::Stranger),
        2 => (0..2_usize).prop_map(Who::Guest),
    ]
}

fn ask() -> impl Strategy<Value = Ask> {
    prop_oneof![3 => about_buckets(), 10 => about_versions(), 8 => about_builds(), 8 => about_channels(), 5 => around()]
}

fn about_buckets() -> impl Strategy<Value = Ask> {
    let bucket = || select(&BUCKETS[..]);
    let text = || select(&TEXTS[..]);
    prop_oneof![
        4 => (bucket(), text()).prop_map(|(bucket, description)| Ask::CreateBucket { bucket, description }),
        2 => (bucket(), option::of(text()), option::of(text()))
            .prop_map(|(bucket, description, label)| Ask::UpdateBucket { bucket, description, label }),
        1 => bucket().prop_map(|bucket| Ask::DeleteBucket { bucket }),
        1 => Just(Ask::ListBuckets),
    ]
}

fn about_versions() -> impl Strategy<Value = Ask> {
    prop_oneof![
        2 => (at(), select(&["HCL2", "JSON"][..])).prop_map(|(at, template)| Ask::CreateVersion { at, template }),
        1 => at().prop_map(|at| Ask::ReadVersion { at }),
        1 => at().prop_map(|at| Ask::Complete { at }),
        4 => revocation().prop_map(Ask::Revoke),
        3 => at().prop_map(|at| Ask::Restore { at }),
        1 => (at(), deleting()).prop_map(|(at, how)| Ask::DeleteVersion { at, how }),
    ]
}

fn deleting() -> impl Strategy<Value = Deleting> {
    prop_oneof![
        2 => Just(Deleting::Plainly),
        1 => Just(Deleting::RollingBack),
        1 => Just(Deleting::ByForce),
    ]
}

fn about_builds() -> impl Strategy<Value = Ask> {
    let component = || select(&COMPONENTS[..]);
    let says = || prop_oneof![finished(), anything()];
    prop_oneof![
        2 => (at(), component(), says()).prop_map(|(at, component, says)| Ask::CreateBuild { at, component, says }),
        4 => (at(), component(), says()).prop_map(|(at, component, says)| Ask::UpdateBuild { at, component, says }),
        1 => (at(), component()).prop_map(|(at, component)| Ask::DeleteBuild { at, component }),
    ]
}

fn about_channels() -> impl Strategy<Value = Ask> {
    let bucket = || select(&BUCKETS[..]);
    let channel = || select(&CHANNELS[..]);
    let point = prop_oneof![
        1 => Just(Point::Still),
        2 => Just(Point::Nowhere),
        7 => select(&FINGERPRINTS[..]).prop_map(Point::At),
    ];
    let fingerprint = option::weighted(0.8, select(&FINGERPRINTS[..]));
    prop_oneof![
        2 => (bucket(), channel(), any::<bool>(), fingerprint).prop_map(
            |(bucket, channel, restricted, fingerprint)| Ask::CreateChannel { bucket, channel, restricted, fingerprint }
        ),
        4 => (bucket(), channel(), point, option::weighted(0.2, any::<bool>()))
            .prop_filter("a change changes something", |(_, _, point, restricted)| {
                *point != Point::Still || restricted.is_some()
            })
            .prop_map(|(bucket, channel, point, restricted)| {
                Ask::UpdateChannel { bucket, channel, point, restricted }
            }),
        1 => (bucket(), channel(), channel()).prop_map(|(bucket, from, to)| Ask::CopyChannel { bucket, from, to }),
        1 => (bucket(), channel()).prop_map(|(bucket, channel)| Ask::DeleteChannel { bucket, channel }),
        1 => (bucket(), channel()).prop_map(|(bucket, channel)| Ask::ReadChannel { bucket, channel }),
        1 => bucket().prop_map(|bucket| Ask::ListChannels { bucket }),
    ]
}

fn around() -> impl Strategy<Value = Ask> {
    prop_oneof![
        1 => prop::bool::weighted(0.7).prop_map(Ask::SetActive),
        3 => (0..2_usize, select(&BUCKETS[..]), select(&ROLES[..]))
            .prop_map(|(guest, bucket, role)| Ask::Admit { guest, bucket, role }),
        1 => (0..2_usize).prop_map(|guest| Ask::Dismiss { guest }),
        6 => select(&[1, 7, 100, 601, 4000, 90_000][..]).prop_map(|seconds| Ask::Wait { seconds }),
        6 => Just(Ask::RunJobs),
    ]
}

fn at() -> impl Strategy<Value = At> {
    (select(&BUCKETS[..]), select(&FINGERPRINTS[..]))
        .prop_map(|(bucket, fingerprint)| At { bucket, fingerprint })
}

/// A build that is done, perhaps made from something.
fn finished() -> impl Strategy<Value = Says> {
    (
        select(&PLATFORMS[..]),
        select(&IMAGES[..2]),
        option::weighted(0.3, select(&IMAGES[..2])),
        (option::weighted(0.6, at()), aim()),
        option::weighted(0.3, select(&CHANNELS[..])),
    )
        .prop_map(|(platform, image, source, (parent, parent_aim), channel)| Says {
            status: Some("BUILD_DONE"),
            run: RUNS[0],
            platform: Some(platform),
            source,
            parent,
            parent_aim,
            channel,
            label: None,
            artifacts: vec![[image, REGIONS[0]]],
        })
}

fn anything() -> impl Strategy<Value = Says> {
    let artifact = (select(&IMAGES[..]), select(&REGIONS[..])).prop_map(|(image, region)| [image, region]);
    (
        (option::weighted(0.9, select(&STATUSES[..])), select(&RUNS[..])),
        option::of(select(&PLATFORMS[..])),
        option::weighted(0.2, select(&IMAGES[..])),
        (option::weighted(0.3, at()), aim(), option::weighted(0.3, select(&CHANNELS[..]))),
        option::weighted(0.2, select(&TEXTS[..])),
        vec(artifact, 0..=2),
    )
        .prop_map(
            |((status, run), platform, source, (parent, parent_aim, channel), label, artifacts)| Says {
                status,
                run,
                platform,
                source,
                parent,
                parent_aim,
                channel,
                label,
                artifacts,
            },
        )
}
