/** Where the parts of a test cluster live. */
export interface ClusterPlace {
  readonly folder: string;
  readonly clusterId: string;
  readonly monitorPort: number;
  readonly gatewayPort: number;
}

/**
 * The ceph.conf of a cluster for tests: on loopback, everything in memory, one copy of each object, no keys between
 * its own parts (the S3 user has some), and quick to agree with itself.
 */
export function cephConfiguration({ folder, clusterId, monitorPort, gatewayPort }: ClusterPlace): string {
  const settings = {
    fsid: clusterId,
    mon_host: `v2:127.0.0.1:${monitorPort}/0`,
    public_addr: '127.0.0.1',
    cluster_addr: '127.0.0.1',
    ms_bind_ipv6: false,
    auth_cluster_required: 'none',
    auth_service_required: 'none',
    auth_client_required: 'none',
    // The gateway's own default asks for encryption, which needs keys.
    ms_mon_client_mode: 'crc',
    run_dir: folder,
    admin_socket: `${folder}/$name.asok`,
    log_file: `${folder}/$name.log`,
    log_to_stderr: false,
    mon_data: `${folder}/mon.$id`,
    osd_data: `${folder}/osd.$id`,
    rgw_data: `${folder}/rgw`,
    mon_data_avail_crit: 0,
    mon_allow_pool_size_one: true,
    mon_max_pg_per_osd: 1000,
    paxos_propose_interval: 0.05,
    paxos_min_wait: 0.01,
    osd_objectstore: 'memstore',
    memstore_device_bytes: 2 ** 31,
    osd_op_num_shards: 1,
    osd_op_num_threads_per_shard: 2,
    osd_crush_chooseleaf_type: 0,
    osd_pool_default_size: 1,
    osd_pool_default_min_size: 1,
    osd_pool_default_pg_num: 1,
    osd_pool_default_pgp_num: 1,
    osd_pool_default_pg_autoscale_mode: 'off',
    rgw_frontends: `beast endpoint=127.0.0.1:${gatewayPort}`,
    rgw_thread_pool_size: 32,
    rgw_override_bucket_index_max_shards: 1,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  return `[global]\n${lines.join('\n')}\n`;
}
