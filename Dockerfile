# For Astro (`astro dev start`, `astro deploy`). Compose builds the same tree from deploy/Dockerfile on the public Airflow image.
FROM astrocrpublic.azurecr.io/runtime:3.3-1

# The package lives in include/ and is imported as `upkeep` everywhere, never as `include.upkeep`.
ENV PYTHONPATH=/usr/local/airflow/include \
    UPKEEP_INVENTORY=/usr/local/airflow/include/inventory.yaml \
    GX_ANALYTICS_ENABLED=false
