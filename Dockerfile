# For Astro (`astro dev start`, `astro deploy`). Compose builds the same tree from deploy/Dockerfile on the public Airflow image.
# By digest: docs/distributed.md.
ARG ASTRO_IMAGE=astrocrpublic.azurecr.io/runtime:3.3-1
FROM ${ASTRO_IMAGE}

# pg_dump and pg_restore must be of the databases' major version or newer; the server is for restores into scratch.
ARG POSTGRES_MAJOR=18
USER root
RUN apt-get update \
    && apt-get install -y --no-install-recommends postgresql-common \
    && echo "create_main_cluster = false" >> /etc/postgresql-common/createcluster.conf \
    && /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y \
    && apt-get install -y --no-install-recommends "postgresql-${POSTGRES_MAJOR}" \
    && rm -rf /var/lib/apt/lists/*
COPY --chmod=755 deploy/upkeep /usr/local/bin/upkeep
USER astro

# The runtime has installed what requirements.txt names, in versions of its own choice: these are the ones that the tests ran with,
# each with its hash. Airflow itself stays the runtime's.
COPY requirements.run.lock /tmp/requirements.run.lock
RUN awk '/^[a-z]/ { kept = !/^apache-airflow(-core|-task-sdk)?==/ } kept' /tmp/requirements.run.lock > /tmp/locked.txt \
    && pip install --no-cache-dir --require-hashes --no-deps -r /tmp/locked.txt

# The package lives in include/ and is imported as `upkeep` everywhere, never as `include.upkeep`.
ENV PYTHONPATH=/usr/local/airflow/include \
    UPKEEP_INVENTORY=/usr/local/airflow/include/inventory.yaml \
    GX_ANALYTICS_ENABLED=false
