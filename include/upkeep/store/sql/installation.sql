-- The id of this installation.
select id::text from upkeep.installation
