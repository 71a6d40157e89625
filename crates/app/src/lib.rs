//! Use cases: what people, marketplaces, reviewers and the clock make the product do.
//!
//! One command ([`Command`]) is one transaction: load, act (the rules are `shiren_core`'s), append events and jobs, commit.
//! No transaction spans work of the processor or the network. What a use case needs of the world comes through
//! the ports in [`port`]; this room knows no HTTP, no SQL and no models.
//!
//! To extend it: a new use case is a file of its own; what it needs to keep is a record in [`record`] and a method
//! of [`port::Tx`], with its test in the contract suite that every store passes; work for later is a variant of
//! [`job::Job`].

mod access;
mod aftersales;
mod alike;
mod appeals;
mod assertion;
mod attempts;
mod bans;
mod baseline;
mod by;
mod calling_off;
mod camera;
mod captures;
mod cases;
mod checks;
mod clocks;
mod command;
mod context;
mod deposits;
mod devices;
mod endpoints;
mod error;
mod escalation;
mod event;
mod eviction;
mod exemptions;
mod export;
mod frames;
mod gate;
mod gate_log;
mod gate_rules;
mod guides;
mod handoff;
mod import;
pub mod job;
mod jobs;
mod known_keys;
pub mod look;
mod management;
mod messages;
mod notices;
mod operator;
mod paces;
mod pages;
mod penalties;
mod person;
mod phone_codes;
mod pictures;
pub mod port;
mod progress;
mod rechecks;
pub mod record;
mod references;
mod replay;
mod responsible;
mod retention;
mod rollout_run;
mod rollout_turn;
mod rollouts;
mod seal;
mod sessions;
mod shop_file;
mod shops;
mod source;
mod staff;
mod staff_verification;
mod uploads;
mod verified_person;
pub mod webhook;
mod worker;
mod zones;

pub use aftersales::{
    AfterSalesFile, AfterSalesVisitor, AppendedFile, CompleteAfterSales, CreateAfterSales, CreatedAfterSales,
    DecideAfterSales, FileReader, NewAfterSalesLink, NewFile, StartVerification, SubmitAfterSales, Submitted,
    TakeAfterSales, WithdrawAfterSales, WriteAfterSales, Written,
};
pub use assertion::AssertionRules;
pub use bans::{BannedAlike, LiftBan};
pub use calling_off::CancelSession;
pub use camera::CameraSaid;
pub use captures::{Begun, LiveCapture, Ticket, Told};
pub use cases::{CaseFile, DecideCase, masked, user_actor};
pub use checks::IdentityRecord;
pub use clocks::{AdvanceClock, CreateClock, DeleteClock, Turn};
pub use command::{Answer, Answered, Command, Once};
pub use context::{App, Parts, Senders, Settings, Sources, hash};
pub use deposits::{CloseShop, Deposit, Listing, MoveDeposit};
pub use endpoints::{
    ChangeEndpoint, CreateEndpoint, DeleteEndpoint, EnableEndpoint, EndpointRefusal, RotateKey,
};
pub use error::Error;
pub use event::kinds as event_kinds;
pub use export::ExportData;
pub use gate::{AskGate, GateReason, Gated};
pub use gate_rules::{GATE_REQUEST_DAYS, GateRulesFile, GateTried, PutGateRules};
pub use guides::DocumentGuide;
pub use handoff::Handoff;
pub use import::{Import, ImportChange, ImportFormat, ImportProblem, Imported};
pub use jobs::RequeueJob;
pub use management::{MakeManagementLink, ManagementLink};
pub use messages::{InboxOf, MessageText, ReadMessage, SendMessage, said};
pub use notices::{Contact, Listed, SendLink};
pub use penalties::{PenaliseShop, Penalised};
pub use person::{Declared, Insists, Visitor};
pub use phone_codes::{CodeStanding, SendCode, TryCode};
pub use pictures::{Opened, Taken};
pub use progress::{ProgressBoard, Stage};
pub use rechecks::{AskRecheck, RecheckFile};
pub use references::{KeepReferences, References};
pub use replay::{Replay, ReplayEvents};
pub use responsible::{KnownPerson, LookUp, PersonField, Responsible};
pub use rollouts::{
    Ahead, ChangeRollout, CreateRollout, PutShopFacts, RolloutAct, RolloutFile, RolloutSheet, Selected,
};
pub use sessions::{CreateSession, Created, NewLink, RedactSession};
pub use shop_file::{ShopFile, ShopListed};
pub use shops::RegisterShop;
pub use staff::{ChangeStaff, CreateStaff, NewSubAccount, StaffAct, StaffFile};
pub use uploads::{Appended, LARGEST_CHUNK, NewUpload, Upload, UploadRefusal};
pub use verified_person::{AskClaim, VerifiedPersonClaim};
pub use zones::PutShopZone;
