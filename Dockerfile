# docker build -t framescribe .
# docker run --rm --read-only --tmpfs /tmp --network none --user "$(id -u):$(id -g)" -v "$PWD:/work" framescribe caption video.mp4
# compose.yaml has workers, the server, Redis and an S3 server.

FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Without install scripts, so that nothing comes from outside the registry, CUDA libraries least of all.
RUN ONNXRUNTIME_NODE_INSTALL=skip npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
COPY workers ./workers
COPY bench ./bench
COPY web ./web
RUN npm run build \
 && chmod 755 dist/src/cli/main.js \
 && npm prune --omit=dev --ignore-scripts \
 && find node_modules/onnxruntime-node/bin -mindepth 2 -maxdepth 2 ! -name linux -exec rm -r {} + \
 && find node_modules/onnxruntime-node/bin/*/linux -mindepth 1 -maxdepth 1 ! -name "$(node -p process.arch)" -exec rm -r {} +

FROM node:20-bookworm-slim
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ffmpeg \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /app/package.json /app/
COPY --from=build /app/node_modules /app/node_modules
COPY --from=build /app/dist /app/dist
COPY config /app/config
COPY models /app/models
COPY training/things.txt /app/training/things.txt
# Results go to the working folder unless told otherwise, temporary files to /scratch, the server's uploads to /uploads; the
# rest of the file system may be read-only.
RUN ln -s /app/dist/src/cli/main.js /usr/local/bin/framescribe \
 && mkdir /work /scratch /uploads \
 && chown node:node /work /scratch /uploads
ENV NODE_ENV=production
ENV FRAMESCRIBE_SEARCH_FOLDER=/tmp/search
# Where a worker tells how it is; the server has a port of its own.
ENV FRAMESCRIBE_OBSERVE_METRICS_PORT=9464
USER node
WORKDIR /work
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s CMD ["node", "-e", "fetch('http://127.0.0.1:9464/readyz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["framescribe"]
CMD ["--help"]
