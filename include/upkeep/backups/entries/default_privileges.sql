-- Default privileges, by the role whose new objects they are for.
select
    'default privileges' as kind,
    case d.defaclobjtype
        when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'functions' when 'T' then 'types' when 'n' then 'schemas'
        when 'L' then 'large objects' else d.defaclobjtype::text
    end || coalesce(' in schema ' || nullif(d.defaclnamespace, 0)::regnamespace::text, '') as key,
    d.defaclrole as owner,
    case when d.defaclnamespace = 0 then case d.defaclobjtype when 'S' then 's' else d.defaclobjtype end end::"char" as acl_kind,
    d.defaclacl as acl, null::oid[] as roles, '' as definition, false as worded
from pg_catalog.pg_default_acl as d
