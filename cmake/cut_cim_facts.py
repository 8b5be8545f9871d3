#!/usr/bin/env python3
# Cuts test/data/cim_facts.txt out of the schema: cut_cim_facts.py schema.json > cim_facts.txt
# SPDX-License-Identifier: BSL-1.0
#
# The input holds the classes of the CIM schema as JSON: {"classes": {name: {"properties": [...],
# "methods": [...]}}}, each with its "values" in MOF order. The output has one block per value map,
# one per method's return values ("Class.Method()"), and the properties of ReplicationSettingData.
import json
import sys

# Whole classes of the replication model.
CLASSES = """Synchronized StorageSynchronized GroupSynchronized SynchronizationAspect
ReplicationSettingData ReplicationGroup ReplicationService ReplicationServiceCapabilities
ReplicationEntity StorageReplicationCapabilities ConcreteJob Error AffectedJobElement
ConnectivityCollection""".split()
# Of classes with a wider purpose, what replication uses.
PARTS = {
    "ManagedSystemElement": {"OperationalStatus", "HealthState"},
    "StorageConfigurationService": {
        "CreateReplica", "ModifySynchronization", "AttachReplica", "AttachOrModifyReplica"},
}
# Of this class all return values are compared, except those of a method about SCSI targets.
RETURNS = {"ReplicationService", "ReplicationServiceCapabilities", "ConcreteJob",
           "StorageConfigurationService"}
NO_RETURNS = {"ScsiScan"}


def block(heading, kind, values):
    print(f"[CIM_{heading} {kind}]")
    for value in values:
        print(value["value"], value["name"])
    print()


def cut(name, klass):
    wanted = PARTS.get(name)
    for item in klass["properties"]:
        numeric = item["type"] in ("uint16", "uint32")
        if item.get("values") and numeric and (not wanted or item["name"] in wanted):
            block(f"{name}.{item['name']}", item["type"], item["values"])
    for method in klass["methods"]:
        if name in RETURNS and method["name"] not in NO_RETURNS:
            block(f"{name}.{method['name']}()", method["return_type"], method["return_values"])
        if wanted and method["name"] not in wanted:
            continue
        for item in method["parameters"]:
            if item.get("values"):
                block(f"{name}.{method['name']}.{item['name']}", item["type"], item["values"])


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    classes = schema["classes"]
    print(f"# Facts of the CIM schema {schema['release']}, cut by cmake/cut_cim_facts.py.\n")
    for name in CLASSES + list(PARTS):
        cut(name, classes["CIM_" + name])
    print("[CIM_ReplicationSettingData properties]")
    for item in classes["CIM_ReplicationSettingData"]["properties"]:
        print(item["name"], item["type"], str(item.get("default", "-")).lower())


main()
