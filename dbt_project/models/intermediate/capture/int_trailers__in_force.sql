{{ config(materialized='view') }}
{{ in_force('stg_reference__trailers') }}
