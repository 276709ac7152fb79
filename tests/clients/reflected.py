# SPDX-License-Identifier: Apache-2.0
"""A client of gRPC that knows nothing of the server but its address: it learns services and types by
reflection. Debian 12 has no grpc_reflection for Python, so the four messages of that protocol are
built here.

    server = Reflected(grpc.insecure_channel("unix:/run/hamlet/admin.sock"))
    server.call("hamlet.admin.v1.Accounts", "List", page_size=10)"""
import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

REFLECTION = "grpc.reflection.v1alpha"


def _reflection_file():
    """Only the fields that are used here; their numbers are those of the protocol."""
    field = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="reflection_of_a_stranger.proto",
                                              package=REFLECTION, syntax="proto3")

    def message(name, *fields):
        made = file.message_type.add(name=name)
        for number, label, kind, what, type_name in fields:
            one = made.field.add(name=what, number=number, label=label, type=kind)
            if type_name:
                one.type_name = f".{REFLECTION}.{type_name}"

    one, many = field.LABEL_OPTIONAL, field.LABEL_REPEATED
    text, octets, inner, number = field.TYPE_STRING, field.TYPE_BYTES, field.TYPE_MESSAGE, field.TYPE_INT32
    message("ServerReflectionRequest", (4, one, text, "file_containing_symbol", ""),
            (7, one, text, "list_services", ""))
    message("Files", (1, many, octets, "file_descriptor_proto", ""))
    message("Service", (1, one, text, "name", ""))
    message("Services", (1, many, inner, "service", "Service"))
    message("Error", (1, one, number, "error_code", ""), (2, one, text, "error_message", ""))
    message("ServerReflectionResponse", (4, one, inner, "files", "Files"),
            (6, one, inner, "services", "Services"), (7, one, inner, "error", "Error"))
    return file


class Reflected:
    """@param metadata Sent with each call: (("authorization", "Bearer …"),)."""

    def __init__(self, channel, metadata=()):
        self.channel, self.metadata = channel, metadata
        own = descriptor_pool.DescriptorPool()
        own.Add(_reflection_file())
        self._factory = message_factory.MessageFactory(own)
        self._asked, self._answered = (
            self._factory.GetPrototype(own.FindMessageTypeByName(f"{REFLECTION}.{x}"))
            for x in ("ServerReflectionRequest", "ServerReflectionResponse"))
        self.pool = descriptor_pool.DescriptorPool()
        self._files = set()
        self._types = message_factory.MessageFactory(self.pool)

    def _ask(self, **what):
        call = self.channel.stream_stream(f"/{REFLECTION}.ServerReflection/ServerReflectionInfo",
                                          request_serializer=self._asked.SerializeToString,
                                          response_deserializer=self._answered.FromString)
        answer = next(call(iter([self._asked(**what)]), metadata=self.metadata, timeout=20))
        if answer.error.error_code:
            raise LookupError(answer.error.error_message)
        return answer

    def services(self):
        return [x.name for x in self._ask(list_services="*").services.service]

    def _learn(self, service):
        waiting = {}
        for octets in self._ask(file_containing_symbol=service).files.file_descriptor_proto:
            file = descriptor_pb2.FileDescriptorProto.FromString(octets)
            waiting[file.name] = file

        def add(name):
            if name in self._files:
                return
            self._files.add(name)
            for needed in waiting[name].dependency:
                add(needed)
            self.pool.Add(waiting[name])

        for name in list(waiting):
            add(name)

    def service(self, name):
        """Its descriptor."""
        try:
            return self.pool.FindServiceByName(name)
        except KeyError:
            self._learn(name)
            return self.pool.FindServiceByName(name)

    def request(self, service, method, **fields):
        found = self.service(service).FindMethodByName(method)
        return self._types.GetPrototype(found.input_type)(**fields)

    def call(self, service, method, **fields):
        found = self.service(service).FindMethodByName(method)
        request = self._types.GetPrototype(found.input_type)(**fields)
        reply = self._types.GetPrototype(found.output_type)
        call = self.channel.unary_unary(f"/{service}/{method}",
                                        request_serializer=type(request).SerializeToString,
                                        response_deserializer=reply.FromString)
        return call(request, metadata=self.metadata, timeout=40)

    def type(self, name):
        return self._types.GetPrototype(self.pool.FindMessageTypeByName(name))


def failure(call):
    """The grpc.RpcError of a call that must fail."""
    try:
        call()
    except grpc.RpcError as why:
        return why
    raise AssertionError("it was not refused")
