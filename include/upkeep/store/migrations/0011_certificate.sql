create table upkeep.certificate (
    duty text not null,
    target text not null,
    window_start timestamptz not null,
    window_end timestamptz not null,
    place integer not null,
    subject text not null,
    issuer text not null,
    serial text not null,
    not_before timestamptz not null,
    not_after timestamptz not null,
    names text[] not null,
    key text not null,
    signature text not null,
    sha256 text not null,
    primary key (duty, target, window_start, window_end, place),
    foreign key (duty, target, window_start, window_end) references upkeep.answer on delete cascade
);
comment on table upkeep.certificate is 'Certificates that endpoints showed, one row for each of a chain and window.';
comment on column upkeep.certificate.duty is 'Duty that looked: certificates.';
comment on column upkeep.certificate.target is 'Endpoint that showed it.';
comment on column upkeep.certificate.window_start is 'Start of the window, included.';
comment on column upkeep.certificate.window_end is 'End of the window, excluded.';
comment on column upkeep.certificate.place is 'Place in the chain; 0 is the leaf.';
comment on column upkeep.certificate.subject is 'Whom it is for (RFC 4514).';
comment on column upkeep.certificate.issuer is 'Who signed it (RFC 4514).';
comment on column upkeep.certificate.serial is 'Serial number of its issuer, hexadecimal.';
comment on column upkeep.certificate.not_before is 'Valid from.';
comment on column upkeep.certificate.not_after is 'Valid until.';
comment on column upkeep.certificate.names is 'DNS names and addresses that it is for.';
comment on column upkeep.certificate.key is 'Kind of its key, with its size in bits.';
comment on column upkeep.certificate.signature is 'Hash of the signature.';
comment on column upkeep.certificate.sha256 is 'Fingerprint, hexadecimal.';
