using System.CommandLine;
using System.Text.Json;
using Google.Protobuf;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Kafka;
using Pipeline.Schemas;

namespace Pipeline.Dispatcher.Service;

/// <summary><c>dispatcher tenants</c>: quotas and weights.</summary>
internal static class TenantsCommand
{
    public static Command Create()
    {
        ServiceOptions service = new();
        Argument<FileInfo> file = new("FILE") { Description = "JSON array of tenants, fields as in the message Tenant of schemas/functions.proto" };
        Command publish = new("publish", "Publishes quotas and weights of tenants on the topic tenants; dispatchers take them at once.");
        service.AddConnectionTo(publish);
        publish.Add(file);
        publish.SetAction((parsed, cancel) => PublishAsync(service.Connection(parsed), Read(parsed.GetValue(file)!), cancel));
        return new Command("tenants", "Quotas and weights of tenants.") { publish };
    }

    /// <summary>The tenants of a file.</summary>
    /// <exception cref="UserException">It is not there, or something in it is wrong.</exception>
    internal static IReadOnlyList<Tenant> Read(FileInfo file)
    {
        if (!file.Exists) throw new UserException($"there is no file {file.FullName}");
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllText(file.FullName));
            if (document.RootElement.ValueKind != JsonValueKind.Array) throw new UserException($"{file.FullName}: a JSON array of tenants is wanted");
            return [.. document.RootElement.EnumerateArray().Select((element, i) => Read(element, $"{file.FullName}: tenant {i + 1}"))];
        }
        catch (JsonException e)
        {
            throw new UserException($"{file.FullName}: {e.Message}", e);
        }
    }

    private static Tenant Read(JsonElement element, string where)
    {
        Tenant tenant;
        try
        {
            tenant = JsonParser.Default.Parse<Tenant>(element.GetRawText());
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or InvalidJsonException or FormatException or OverflowException)
        {
            throw new UserException($"{where}: {e.Message}", e);
        }
        return Topics.Tenants.Validate(tenant, new RecordContext(tenant.Name, 0)) is { } wrong ? throw new UserException($"{where}: {wrong}") : tenant;
    }

    private static async Task PublishAsync(KafkaConnection kafka, IReadOnlyList<Tenant> tenants, CancellationToken cancel)
    {
        await TopicSetup.EnsureAsync(kafka, cancel);
        await TopicPublisher.PublishAsync(kafka, Topics.Tenants, tenants.Select(t => (t.Name, t)), cancel);
        Console.WriteLine($"{tenants.Count} tenants published");
    }
}
