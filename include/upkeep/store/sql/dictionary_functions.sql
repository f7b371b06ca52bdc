-- Every function, with what it takes and gives.
select
    function.proname || '(' || pg_catalog.pg_get_function_identity_arguments(function.oid) || ')' as signature,
    case
        when function.prorettype = 'pg_catalog.trigger'::pg_catalog.regtype then 'a trigger'
        when function.proretset then coalesce(
            'rows: ' || (
                select string_agg(word.name, ', ' order by word.place)
                from unnest(function.proargnames, function.proargmodes) with ordinality as word (name, mode, place)
                where word.mode = 't'
            ),
            'rows of ' || pg_catalog.format_type(function.prorettype, null)
        )
        when function.prorettype = 'pg_catalog.void'::pg_catalog.regtype then 'nothing'
        else pg_catalog.format_type(function.prorettype, null)
    end as result,
    pg_catalog.obj_description(function.oid, 'pg_proc') as says
from pg_catalog.pg_proc as function
where function.pronamespace = 'upkeep'::pg_catalog.regnamespace
order by signature
