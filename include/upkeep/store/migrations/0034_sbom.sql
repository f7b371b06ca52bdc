create table upkeep.sbom (
    duty text not null,
    target text not null,
    window_start timestamptz not null,
    window_end timestamptz not null,
    format text not null,
    commit text,
    packages integer not null,
    sha256 text not null,
    document text not null,
    primary key (duty, target, window_start, window_end),
    foreign key (duty, target, window_start, window_end) references upkeep.answer on delete cascade
);
comment on table upkeep.sbom is 'What a repository was made of at the end of a window, as a document that other tools read.';
comment on column upkeep.sbom.duty is 'Duty that wrote it: inventory.';
comment on column upkeep.sbom.target is 'Repository that it is of.';
comment on column upkeep.sbom.window_start is 'Start of the window, included.';
comment on column upkeep.sbom.window_end is 'End of the window, excluded; the time of the document.';
comment on column upkeep.sbom.format is 'Format with its version: CycloneDX 1.6.';
comment on column upkeep.sbom.commit is 'Commit that was read; null for a folder without history.';
comment on column upkeep.sbom.packages is 'How many packages are in it.';
comment on column upkeep.sbom.sha256 is 'Digest of the document, hexadecimal.';
comment on column upkeep.sbom.document is 'The document itself, JSON.';
