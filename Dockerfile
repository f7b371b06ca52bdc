# For Astro (`astro dev start`, `astro deploy`). Compose builds the same tree from deploy/Dockerfile on the public Airflow image.
FROM astrocrpublic.azurecr.io/runtime:3.3-1

# pg_dump and pg_restore must be of the databases' major version or newer; the server is for restores into scratch.
ARG POSTGRES_MAJOR=18
USER root
RUN apt-get update \
    && apt-get install -y --no-install-recommends postgresql-common \
    && echo "create_main_cluster = false" >> /etc/postgresql-common/createcluster.conf \
    && /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y \
    && apt-get install -y --no-install-recommends "postgresql-${POSTGRES_MAJOR}" \
    && rm -rf /var/lib/apt/lists/*
USER astro

# The package lives in include/ and is imported as `upkeep` everywhere, never as `include.upkeep`.
ENV PYTHONPATH=/usr/local/airflow/include \
    UPKEEP_INVENTORY=/usr/local/airflow/include/inventory.yaml \
    GX_ANALYTICS_ENABLED=false
