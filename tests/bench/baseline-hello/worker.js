/** The least that a Worker can do: what workerd itself costs per request. */
export default {
  fetch() {
    return new Response("Hello World!");
  },
};
